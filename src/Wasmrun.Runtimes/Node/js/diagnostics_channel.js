'use strict';

const channels = new Map();
// How many subscribers and stores there are in all channels: mostly none, and who publishes asks at every turn.
let listening = 0;

class Channel {
  constructor(name) {
    this.name = name;
    this._subscribers = [];
    this._stores = new Map();
  }
  get hasSubscribers() { return listening > 0 && (this._subscribers.length > 0 || this._stores.size > 0); }
  subscribe(subscriber) {
    this._subscribers = [...this._subscribers, subscriber];
    listening++;
  }
  unsubscribe(subscriber) {
    const at = this._subscribers.indexOf(subscriber);
    if (at < 0) return false;
    this._subscribers = this._subscribers.toSpliced(at, 1);
    listening--;
    return true;
  }
  publish(message) {
    for (const subscriber of this._subscribers) {
      try {
        subscriber(message, this.name);
      } catch (error) {
        process.nextTick(() => { throw error; });
      }
    }
  }
  bindStore(store, transform = (value) => value) {
    if (!this._stores.has(store)) listening++;
    this._stores.set(store, transform);
  }
  unbindStore(store) {
    const isBound = this._stores.delete(store);
    if (isBound) listening--;
    return isBound;
  }
  runStores(data, callback, self, ...args) {
    let run = () => {
      this.publish(data);
      return Reflect.apply(callback, self, args);
    };
    for (const [store, transform] of this._stores) {
      const next = run;
      run = () => store.run(transform(data), next);
    }
    return run();
  }
}

function channel(name) {
  let found = channels.get(name);
  if (found === undefined) channels.set(name, found = new Channel(name));
  return found;
}

class TracingChannel {
  constructor(name) {
    for (const event of ['start', 'end', 'asyncStart', 'asyncEnd', 'error']) this[event] = typeof name === 'string' ? channel(`tracing:${name}:${event}`) : name[event];
  }
  get hasSubscribers() {
    return listening > 0 && (this.start.hasSubscribers || this.end.hasSubscribers || this.asyncStart.hasSubscribers || this.asyncEnd.hasSubscribers || this.error.hasSubscribers);
  }
  subscribe(handlers) { for (const event of Object.keys(handlers)) this[event].subscribe(handlers[event]); }
  unsubscribe(handlers) { return Object.keys(handlers).every((event) => this[event].unsubscribe(handlers[event])); }
  traceSync(callback, context = {}, self, ...args) {
    return this.start.runStores(context, () => {
      try {
        return context.result = Reflect.apply(callback, self, args);
      } catch (error) {
        context.error = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }
  tracePromise(callback, context = {}, self, ...args) {
    const settle = (name) => (value) => {
      context[name] = value;
      if (name === 'error') this.error.publish(context);
      this.asyncStart.publish(context);
      this.asyncEnd.publish(context);
      if (name === 'error') throw value;
      return value;
    };
    return this.traceSync(() => Promise.resolve(Reflect.apply(callback, self, args)).then(settle('result'), settle('error')), context);
  }
  traceCallback(callback, position = -1, context = {}, self, ...args) {
    return this.traceSync(callback, context, self, ...args);
  }
}

module.exports = {
  channel, Channel, tracingChannel: (name) => new TracingChannel(name), hasSubscribers: (name) => channels.has(name) && channels.get(name).hasSubscribers,
  subscribe: (name, subscriber) => channel(name).subscribe(subscriber), unsubscribe: (name, subscriber) => channel(name).unsubscribe(subscriber),
};
