'use strict';

// Node's own streams, as the package readable-stream carries them.
const Stream = internal.requireLibrary('readable-stream/lib/stream.js');

Stream.Stream = Stream;
if (Stream.getDefaultHighWaterMark === undefined) {
  Stream.getDefaultHighWaterMark = (isObjectMode) => (isObjectMode ? 16 : 65536);
  Stream.setDefaultHighWaterMark = () => {};
}
if (Stream.isErrored === undefined) Stream.isErrored = (stream) => Boolean(stream && stream.errored);

module.exports = Stream;
