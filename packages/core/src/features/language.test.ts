import { expect, it } from 'vitest';
import { languageOf } from './language.ts';

it.each([
  ['en', 'All human beings are born free and equal in dignity and rights.'],
  ['de', 'Alle Menschen sind frei und gleich an Würde und Rechten geboren.'],
  ['fr', 'Tous les êtres humains naissent libres et égaux en dignité et en droits.'],
  ['es', 'Todos los seres humanos nacen libres e iguales en dignidad y derechos.'],
  ['it', 'Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti.'],
  ['nl', 'Alle mensen worden vrij en gelijk in waardigheid en rechten geboren.'],
  ['pl', 'Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw.'],
  ['ru', 'Все люди рождаются свободными и равными в своём достоинстве и правах.'],
  ['uk', 'Всі люди народжуються вільними і рівними у своїй гідності та правах.'],
  ['ja', 'すべての人間は、生まれながらにして自由である。'],
  ['zh', '人人生而自由，在尊严和权利上一律平等。(UDHR 1948)'],
  ['ko', '모든 인간은 태어날 때부터 자유로우며'],
  ['el', 'Όλοι οι άνθρωποι γεννιούνται ελεύθεροι'],
] as const)('%s', (language, text) => expect(languageOf(text)).toBe(language));

it('says nothing where too little speaks', () => {
  for (const text of ['', '12 + 3', 'hello', 'Anna Schmidt', 'de la', '!?']) expect(languageOf(text)).toBeUndefined();
});
