'use strict';

// Node's own streams, as the package readable-stream carries them.
const Stream = internal.requireLibrary('readable-stream/lib/stream.js');

Stream.Stream = Stream;
if (Stream.getDefaultHighWaterMark === undefined) {
  Stream.getDefaultHighWaterMark = (isObjectMode) => (isObjectMode ? 16 : 65536);
  Stream.setDefaultHighWaterMark = () => {};
}
if (Stream.isErrored === undefined) Stream.isErrored = (stream) => Boolean(stream && stream.errored);

const web = () => require('internal/stream_web');
Stream.Readable.toWeb = (readable, options) => web().readableToWeb(readable, options);
Stream.Readable.fromWeb = (stream, options) => web().readableFromWeb(Stream.Readable, stream, options);
Stream.Writable.toWeb = (writable) => web().writableToWeb(writable);
Stream.Writable.fromWeb = (stream, options) => web().writableFromWeb(Stream.Writable, stream, options);
Stream.Duplex.toWeb = (duplex) => ({ readable: web().readableToWeb(duplex), writable: web().writableToWeb(duplex) });

module.exports = Stream;
