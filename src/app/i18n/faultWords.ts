// What is wrong with an imported file, in Korean. Faults are worded where they are found, in English, and all in one form: "where:
// expected …, got …. What to do." Its parts are few phrases round what the file says, so they can be said in another language too.
// A sentence of another form stays as it is: better English than a guess.
import type { Language } from '../../store/preferences';

type Phrase = readonly [english: RegExp, korean: string];

/** `$1`… are what the file or the form says: names, numbers. */
const expectations: readonly Phrase[] = [
  [/^a number$/, '숫자'],
  [/^a number from (\S+)$/, '$1 이상의 숫자'],
  [/^a number from (\S+) to (\S+)$/, '$1에서 $2까지의 숫자'],
  [/^a whole number$/, '정수'],
  [/^a whole number from (\S+)$/, '$1 이상의 정수'],
  [/^a whole number from (\S+) to (\S+)$/, '$1에서 $2까지의 정수'],
  [/^(-?[\d.e-]+) to (-?[\d.e-]+)$/, '$1에서 $2까지의 값'],
  [/^(?:a text|text)$/, '글'],
  [/^(\d+) texts$/, '글 $1개'],
  [/^true or false$/, 'true 또는 false'],
  [/^a number, a? ?text or true\/false$/, '숫자, 글, true/false 가운데 하나'],
  [/^(?:a group of values|named fields)$/, '이름이 붙은 값의 묶음'],
  [/^a list$/, '목록'],
  [/^a date$/, '날짜'],
  [/^a run's id$/, '연습의 식별자'],
  [/^at least (\d+)$/, '$1 이상'],
  [/^rising from 0$/, '0부터 커지는 값'],
  [/^(\w+Array) of (\d+)$/, '길이가 $2인 $1'],
  [/^one of (.+)$/, '다음 가운데 하나: $1'],
  [/^the name of a metric$/, '지표의 이름'],
  [/^a configuration of at most (\d+) characters$/, '최대 $1자인 설정 파일'],
  [/^("[^"]*"(?: or "[^"]*")?)$/, '$1'],
  [/^"format": ("[^"]*"), "version": (\d+)$/, '"format": $1, "version": $2'],
];

const remedies: readonly Phrase[] = [
  [/^Correct it\.$/, '고친 뒤 다시 가져와야 합니다.'],
  [/^Remove it or correct its name\.$/, '지우거나 이름을 고쳐야 합니다.'],
  [/^Choose another file\.$/, '다른 파일을 골라야 합니다.'],
  [/^Choose another file; nothing was changed\.$/, '다른 파일을 골라야 합니다. 바뀐 것은 없습니다.'],
  [/^Give one of them\.$/, '하나만 정해야 합니다.'],
  [/^The default is (.+)\.$/, '기본값은 $1입니다.'],
  [/^Correct it or export a new one\.$/, '고치거나 새로 내보내야 합니다.'],
  [/^Export a configuration here to see what it looks like\.$/, '여기서 설정을 내보내 보면 모양을 알 수 있습니다.'],
  [/^The file is damaged or was made by something else\.$/, '파일이 손상됐거나 다른 곳에서 만든 것입니다.'],
  [
    /^The file is damaged or was made by something else; nothing was changed\.$/,
    '파일이 손상됐거나 다른 곳에서 만든 것입니다. 바뀐 것은 없습니다.',
  ],
];

/** Sentences that name no value that came. */
const findings: readonly Phrase[] = [
  [/^expected either steps or minutes$/, '스텝 수와 시간 가운데 하나만 있어야 합니다.'],
  [/^expected (YAML|JSON), it cannot be read \((.+)\)$/, '$1 파일이어야 하는데 읽을 수 없습니다($2).'],
  [/^its list of contents is damaged$/, '내용 목록이 손상됐습니다.'],
  [/^it holds rows of an unknown kind \((.+)\)$/, '알 수 없는 종류의 행이 들어 있습니다($1).'],
  [/^there is no (\S+) in it$/, '$1 파일이 들어 있지 않습니다.'],
  [/^"?([^"]+?)"? is not JSON$/, '$1 파일이 JSON이 아닙니다.'],
  [/^(\S+) describes something else$/, '$1 파일이 다른 것을 설명합니다.'],
  [/^it has version (.+) and this page reads version (\d+)$/, '버전이 $1인데 이 페이지는 버전 $2을 읽습니다.'],
  [/^"(.+)" is missing or has another size$/, '"$1" 파일이 없거나 크기가 다릅니다.'],
  [/^"(.+)" was changed after it was exported$/, '"$1" 파일이 내보낸 뒤에 바뀌었습니다.'],
  [/^"(.+)" has (\d+) rows instead of (\d+)$/, '"$1" 파일의 행이 $3개가 아니라 $2개입니다.'],
  [/^"(.+)" holds a row of another run$/, '"$1" 파일에 다른 연습의 행이 들어 있습니다.'],
  [/^run (\S+) is not whole$/, '연습 $1의 자료가 온전하지 않습니다.'],
  [/^it is no zip, or the end of it is missing$/, 'zip 파일이 아니거나 끝부분이 없습니다.'],
  [/^its directory lies outside of it$/, '파일 목록이 파일 밖을 가리킵니다.'],
  [/^its directory is damaged$/, '파일 목록이 손상됐습니다.'],
  [/^an entry is named (.+)$/, '항목의 이름이 $1입니다.'],
  [/^"(.+)" is packed in a way that is not read here$/, '"$1" 파일의 압축 방식은 여기서 읽지 않습니다.'],
  [/^"(.+)" says it has (\d+) bytes$/, '"$1" 파일이 크기를 $2바이트라고 합니다.'],
  [/^"(.+)" unpacks to more than it says$/, '"$1" 파일을 풀면 밝힌 것보다 큽니다.'],
  [/^"(.+)" unpacks to (\d+) bytes instead of (\d+)$/, '"$1" 파일을 풀면 $3바이트가 아니라 $2바이트입니다.'],
  [/^"(.+)" cannot be unpacked$/, '"$1" 파일을 풀 수 없습니다.'],
  [/^"(.+)" is not where it should be$/, '"$1" 파일이 있어야 할 곳에 없습니다.'],
  [/^"(.+)" ends too early$/, '"$1" 파일이 너무 일찍 끝납니다.'],
  [/^"(.+)" has two sizes$/, '"$1" 파일의 크기가 두 가지로 적혀 있습니다.'],
  [/^it ends in the middle of one$/, '행의 중간에서 끝납니다.'],
  [/^got text that is not JSON$/, 'JSON이 아닌 글이 있습니다.'],
  [/^got a number that is none$/, '숫자가 아닌 숫자가 있습니다.'],
  [/^got an array of no known type$/, '알 수 없는 종류의 배열이 있습니다.'],
  [/^got an array that ends too early$/, '배열이 너무 일찍 끝납니다.'],
  [/^got a name that no row has$/, '어떤 행에도 없는 이름이 있습니다.'],
];

function say(phrases: readonly Phrase[], text: string): string | null {
  const found = phrases.find(([english]) => english.test(text));
  return found ? text.replace(found[0], found[1]) : null;
}

const sayGot = (got: string) =>
  got
    .replace(/^nothing$/, '아무것도 없음')
    .replace(/^a group of values$/, '값의 묶음')
    .replace(/^a list of (\d+)$/, '항목이 $1개인 목록');

/** The parts of a sentence; null when it has another form. */
function inKorean(sentence: string): string | null {
  const parts = /^(.*?): (.+?)\. ([A-Z][^.]*(?:\.[^ ][^.]*)*\.)$/s.exec(sentence);
  if (!parts) return null;
  const [, where, what, remedy] = parts;
  const way = say(remedies, remedy);
  if (way === null) return null;
  const place = where.replace(/^imported /, '').replace(/^early stopping, /, 'earlyStop.');
  const came = /^expected (.+?), got (.+)$/s.exec(what);
  const expected = came && say(expectations, came[1]);
  if (came && expected !== null) return `${place}: 필요한 것은 ${expected}, 받은 것은 ${sayGot(came[2])}입니다. ${way}`;
  const found = say(
    findings,
    what.replace(/^expected (?:runs that|a file that|rows as) this page (?:exported|writes them), /, ''),
  );
  return found === null ? null : `${place}: ${found} ${way}`;
}

export interface SaidFault {
  text: string;
  /** of the text */
  language: Language;
}

/** A fault in the page's language where it can be said, else as it was worded. */
export function faultIn(language: Language, sentence: string): SaidFault {
  const korean = language === 'ko' ? inKorean(sentence) : null;
  return korean === null ? { text: sentence, language: 'en' } : { text: korean, language: 'ko' };
}
