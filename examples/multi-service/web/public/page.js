// Keeps the page up to date: what the api and the store say now.
const show = (id, text) => { document.getElementById(id).textContent = text; };

async function refresh() {
  let problem = '';
  try {
    const { api, store } = await (await fetch('live')).json();
    problem = api.problem || store.problem || '';
    if (!api.problem) show('visits', api.visits);
    if (!store.problem) show('keys', store.keys === 1 ? '1 key' : `${store.keys} keys`);
  } catch {
    problem = 'This page has lost its server.';
  }
  show('problem', problem);
  document.getElementById('problem').hidden = problem === '';
}

refresh();
setInterval(refresh, 2000);
