/** Runs inside QuickJS before the user's file, and gives what calls its function: text in, text out, 'V' + JSON of what it returned or 'E' +
 *  what went wrong. It keeps its own copies of what it needs: the file may replace anything else.
 *
 *  A labeler must give the same answer to the same item, today and tomorrow: chance and the current time are not there. Dates of an item are. */
export const guestPrelude = `(fileName, longest) => {
  'use strict';
  const { parse, stringify } = JSON;
  const refuse = (what) => () => {
    throw new Error(what + ' is not available: the same item must always get the same answer');
  };
  Math.random = refuse('Math.random');

  const RealDate = Date;
  const noClock = refuse('the current time');
  RealDate.now = noClock;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, made) => (args.length === 0 ? noClock() : Reflect.construct(target, args, made)),
    apply: noClock,
  });
  RealDate.prototype.constructor = globalThis.Date;

  const describe = (error) => {
    if (error === null || typeof error !== 'object') return 'threw ' + String(error);
    const place = String(error.stack ?? '').split('\\n').find((line) => line.includes(fileName + ':'));
    const at = place === undefined ? '' : place.slice(place.indexOf(fileName + ':')).replace(/\\).*$/, '') + ': ';
    return at + String(error.name) + ': ' + String(error.message);
  };

  return (answer) => (item) => {
    try {
      const value = answer(parse(item));
      if (typeof value === 'object' && value !== null && typeof value.then === 'function') throw new TypeError('it returned a promise: it must not be async');
      const text = value === undefined ? 'null' : stringify(value);
      if (typeof text !== 'string') throw new TypeError('it returned a ' + typeof value);
      if (text.length > longest) throw new RangeError('its answer has ' + text.length + ' characters of JSON, at most ' + longest + ' are allowed');
      return 'V' + text;
    } catch (error) {
      return 'E' + describe(error).slice(0, 500);
    }
  };
}`;
