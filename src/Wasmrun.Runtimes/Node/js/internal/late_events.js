// Listeners of objects that mostly have none: the object that holds them is made when somebody asks for it.
'use strict';

const lateEvents = {
  configurable: true,
  get() { return Object.hasOwn(this, '_listeners') ? this._listeners : (this._listeners = { __proto__: null }); },
  set(events) { this._listeners = events; },
};

module.exports = { lateEvents };
