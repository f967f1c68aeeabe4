'use strict';

module.exports = require('internal/refused_module')('dgram', ['createSocket', 'Socket'], 'datagrams are not there yet');
