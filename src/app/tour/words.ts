// Words of the tour. Short: the whole takes a minute to read.
import { screenWords } from '../i18n/screenWords';

export const words = screenWords(
  {
    label: 'Tour of the page',
    place: '{n} of {all}',
    next: 'Next',
    back: 'Back',
    leave: 'Leave the tour',
    done: 'Start',
    'problem.title': 'A problem for a very small model',
    'problem.body':
      'Start at the first number of the dial, turn forward or back by each of the others, land on 0. You can change the numbers.',
    'ask.title': 'It answers twice',
    'ask.body':
      'This button lets it try. Then it is told that there might be an error, whatever it wrote, and answers again. Often it spoils what was right.',
    'practise.title': 'Then it practises',
    'practise.body':
      'Five minutes, in this tab, on this machine. It is rewarded for second attempts that are right, and never shown a solution.',
    'changed.title': 'And you see what changed',
    'changed.body':
      'The same problems before and after, how many answers changed sides, and how sure one can be of it. Every point of the curve opens the answers behind it.',
    'tools.title': 'Where it runs, and how it looks',
    'tools.body':
      'Processor or graphics card, language, light or dark. Press ? for the keys. The tour is in the settings.',
  },
  {
    label: '화면 둘러보기',
    place: '{all}개 중 {n}번째',
    next: '다음',
    back: '이전',
    leave: '그만 보기',
    done: '시작하기',
    'problem.title': '아주 작은 모델이 푸는 문제',
    'problem.body':
      '다이얼의 첫 숫자에서 출발해, 나머지 숫자만큼 앞이나 뒤로 돌려 0에 닿으면 됩니다. 숫자는 바꿀 수 있습니다.',
    'ask.title': '모델은 두 번 답합니다',
    'ask.body':
      '이 단추를 누르면 풀어 봅니다. 무엇을 썼든 틀렸을지 모른다는 말을 듣고 다시 답합니다. 맞은 답을 망치는 일이 잦습니다.',
    'practise.title': '그다음 연습합니다',
    'practise.body':
      '이 탭, 이 컴퓨터에서 5분 동안 연습합니다. 두 번째 시도가 맞으면 보상을 받을 뿐, 풀이는 한 번도 보지 않습니다.',
    'changed.title': '무엇이 달라졌는지 봅니다',
    'changed.body':
      '같은 문제를 연습 전과 후에 풀게 하고, 몇 개의 답이 뒤바뀌었는지, 얼마나 확실한지 보여 줍니다. 곡선의 점을 누르면 그때의 답이 열립니다.',
    'tools.title': '어디서 계산하고 어떻게 보이는지',
    'tools.body':
      '프로세서나 그래픽 카드, 언어, 밝고 어두움을 고릅니다. ? 키를 누르면 키 목록이 나옵니다. 이 안내는 설정에 있습니다.',
  },
);
