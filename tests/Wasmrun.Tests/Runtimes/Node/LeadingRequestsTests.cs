using Wasmrun.Runtimes.Node.Baking;

namespace Wasmrun.Tests.Runtimes.Node;

/// <summary>What an entry loads before anything else happens.</summary>
public sealed class LeadingRequestsTests
{
    [Theory]
    [InlineData("const a = require('a');\nconst { b, c: d } = require(\"@s/b\");\nvar e = require('e').f.g\nlet h = require('h')\n", "a @s/b e h")]
    [InlineData("#!/usr/bin/env node\n'use strict';\n// require('no')\n/* const a = require('b');\n */ require('a');", "a")]
    [InlineData("const a = require('a'), b = require('b');\nconst c = require('c')", "a b c")]
    [InlineData("import a from 'a';\nimport * as b from \"node:b\"\nimport { c, d as e } from 'c';import f, { g } from 'f';\nimport 'h';", "a node:b c f h")]
    [InlineData("import{a}from'a';import b from'b'\n", "a b")]
    public void Request_OfAStatementThatOnlyLoadsCounts(string source, string expected) => Assert.Equal(expected, Of(source));

    [Theory]
    [InlineData("const a = require('a');\nconst own = require('./own');\nconst b = require('b');", "a")]
    [InlineData("const a = require('a');\nconst own = require('/own'); const b = require('b');", "a")]
    [InlineData("const a = require('#a');\nconst b = require('b');", "")]
    [InlineData("import a from 'a';\nimport own from './own.js';\nimport b from 'b';", "a")]
    [InlineData("process.env.X = 1;\nconst b = require('b');", "")]
    [InlineData("const port = 1;\nconst b = require('b');", "")]
    [InlineData("if (x) require('b');", "")]
    [InlineData("const { a = side() } = require('a');\nconst b = require('b');", "")]
    [InlineData("const a = cond ? require('a') : require('b');", "")]
    [InlineData("const a = `${require('a')}`", "")]
    [InlineData("// const a = require('a');", "")]
    [InlineData("const a = require(name);", "")]
    [InlineData("import data from 'a' with { type: 'json' };\nimport b from 'b';", "")]
    [InlineData("import('a');", "")]
    public void Request_AfterSomethingElseDoesNot(string source, string expected) => Assert.Equal(expected, Of(source));

    [Theory]
    [InlineData("require('dotenv').config();\nconst b = require('b');", "dotenv")]
    [InlineData("const app = require('fastify')({ logger: true });\nconst b = require('b');", "fastify")]
    [InlineData("const a = require('a')\n(b);\nconst c = require('c');", "a")]
    [InlineData("const a = require('a') || require('b');", "a")]
    [InlineData("module.exports = require('a');\nrequire('b');", "a")]
    public void Request_ThatAStatementBeginsWithIsTheLast(string source, string expected) => Assert.Equal(expected, Of(source));

    [Fact]
    public void Text_OfAnyKindIsScannedInShortTime() => Assert.Equal(string.Empty, Of($"const {new string('{', 50000)}{string.Concat(Enumerable.Repeat("const a=", 20000))}"));

    private static string Of(string source) => string.Join(' ', LeadingRequests.Of(source).Select(request => request.Name));
}
