// The page, in two halves around what is said about the visit.
#ifndef PAGE_H
#define PAGE_H

static const char PAGE_BEGIN[] =
    "<!doctype html>\n"
    "<html lang=\"en\">\n"
    "<head>\n"
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<title>wasmrun: multi-service</title>\n"
    "<style>\n"
    ":root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #d9dee6; --paper: #f6f7f9; "
    "--card: #fff;\n"
    "  --accent: #5b3fd6; --bad: #b3261e }\n"
    "@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf0; --soft: #9aa5b4; --line: #2e3744; "
    "--paper: #12161c;\n"
    "  --card: #1a2029; --accent: #a794ff; --bad: #ff8a80 } }\n"
    "* { box-sizing: border-box; margin: 0 }\n"
    "body { min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: "
    "var(--paper);\n"
    "  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }\n"
    "main { width: min(34rem, 100%); padding: 2.5rem; background: var(--card); border: 1px solid "
    "var(--line);\n"
    "  border-radius: 1rem; text-align: center }\n"
    "h1 { font-size: 1rem; font-weight: 600; color: var(--soft) }\n"
    ".count { margin: .5rem 0; font-size: clamp(3.5rem, 18vw, 6rem); font-weight: 700; line-height: 1.1;\n"
    "  color: var(--accent); font-variant-numeric: tabular-nums }\n"
    ".down { margin: 1.5rem 0; font-size: 1.25rem; font-weight: 600; color: var(--bad) }\n"
    ".path { margin-top: 2rem; color: var(--soft) }\n"
    ".path span { display: inline-block; margin: .25rem 0; padding: .25rem .75rem; border: 1px solid "
    "var(--line);\n"
    "  border-radius: 2rem; font-size: .875rem; color: var(--ink) }\n"
    ".small { margin-top: 1.25rem; font-size: .875rem; color: var(--soft) }\n"
    "</style>\n"
    "</head>\n"
    "<body>\n"
    "<main>\n";

static const char PAGE_END[] =
    "<p class=\"path\"><span>browser</span> &rarr; <span>web</span> &rarr; <span>api</span> &rarr; "
    "<span>store</span></p>\n"
    "<p class=\"small\">Three WebAssembly services, each on port 8080 of its own network namespace.</p>\n"
    "</main>\n"
    "</body>\n"
    "</html>\n";

#endif
