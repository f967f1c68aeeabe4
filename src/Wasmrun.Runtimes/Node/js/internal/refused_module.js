// A core module that is not there: it can be required, and whatever is called says why it does not work.
'use strict';

const { refused } = require('internal/errors');

module.exports = function (name, members, why, values = {}) {
  const result = { ...values };
  for (const member of members) {
    result[member] = /^[A-Z]/.test(member)
      ? class { constructor() { throw refused(`${name}.${member}`, why); } }
      : () => { throw refused(`${name}.${member}`, why); };
  }
  return result;
};
