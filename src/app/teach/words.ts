// Words of the teacher's page: a lesson of 20 minutes. Every figure comes from measuredRuns.ts.
import { screenWords } from '../i18n/screenWords';

export const words = screenWords(
  {
    title: 'For teachers: a lesson of 20 minutes',
    lead: 'A very small language model spoils its own right answers when it is asked to check them. In five minutes of practice it learns not to, in front of the class. All figures on this page were measured with this lesson.',
    print: 'Print',
    'aim.title': 'What pupils take home',
    'aim.1': 'A model that is told “check your answer” does not thereby know whether it was right.',
    'aim.2': 'Correcting oneself can be learnt from reward alone, without being shown a solution.',
    'aim.3': 'A gain means something only with the number of problems, an interval and several runs beside it.',
    'need.title': 'What you need',
    'need.1':
      'One computer with a current browser and a projector. The model comes with the page, and nothing that pupils do leaves the machine.',
    'need.2':
      'Practise once beforehand: the time depends on the machine. Our figures are from {threads} threads of one processor ({machine}).',
    'need.3': 'Pupils can do it alone on their own machines. With {address} in the address all see the same problems.',
    'plan.title': 'The lesson',
    'plan.minutes': '{from}–{to} min',
    'plan.show': 'Show',
    'plan.ask': 'Ask',
    'plan.expect': 'What pupils see',
    'p1.title': 'Watch it fail',
    'p1.show':
      'Explain the dial with one problem. Let the class vote: will the second attempt be better? Press “{ask}”, then “{five}”, and keep the tally on the board.',
    'p1.ask':
      'What did the model learn about its first answer from the sentence “There might be an error above”? What would you do in its place?',
    'p1.expect':
      'Most first attempts stand at about {t1} right, second attempts at {t2}. Of 100 problems, about {cToI} were right and get spoilt, about {iToC} were wrong and get mended. In six tries it may well look different: that is a first lesson about small numbers.',
    'p2.title': 'Start the practice',
    'p2.show':
      'Press “{start}” now, explain while it runs. It tries fresh problems twice and is rewarded where the hand lands on 0; a bonus rewards wrong → right and punishes right → wrong.',
    'p2.ask':
      'Nobody shows it a solution. Where can improvement come from? Why could it cheat by making the first attempt bad on purpose, and what is done against that?',
    'p2.expect':
      'Stage I holds the first attempt near the base and trains the second; Stage II trains both. The live sample shows the reward terms as bars.',
    'p3.title': 'Read the curve',
    'p3.show':
      'The dashed line is the first attempt, the solid one the second, the thin one the base. Choose a point and read the answers behind it. Below: what was mended (up) and spoilt (down).',
    'p3.ask':
      'What does it learn first: to mend wrong answers, or to leave right ones alone? Why is that the cheaper half?',
    'p3.expect':
      'In all five of our runs the second attempt stood 5 points above the base after {fastest} to {slowest} seconds. In seed {seed} it had by step {step} learnt to leave answers alone ({unchanged} unchanged; spoilt ones fell from {before} to {after}); mending came later.',
    'p4.title': 'See what changed',
    'p4.show':
      'When the run ends it is tested once on {n} problems that it has never seen. Read the sentence with its interval aloud, then the two tables of flips before and after.',
    'p4.ask':
      'Does the first attempt get better too? What does the interval say, and what would it be with 50 problems?',
    'p4.expect':
      'Our five runs: second attempt {t2Base} → {t2} on average ({low} to {high}), first attempt {t1Base} → {t1}. Answered greedily, nearly all of the gain is correction. Drawn at T = 1 the first attempt gains as well: {s1Base} → {s1}.',
    'p5.title': 'Look inside',
    'p5.show':
      'In the playground both models answer the same problem with the same seed. Point at a token to see what else was likely. Change the seed, then the temperature.',
    'p5.ask': 'Where was the model unsure? Is it unsure where it is wrong?',
    'p5.expect':
      'Arithmetic is nearly certain; the doubt sits in the signs, + or −, where the choice is made. Over {problems} test problems, {share} of the base model’s uncertainty (entropy) stood at the signs.',
    'p6.title': 'What may we conclude',
    'p6.show':
      'Collect sentences of the class on the board. Cross out those that the figures do not carry, with the list below.',
    'p6.ask':
      'Would it help a large chat assistant? How would one find out? What would be needed for a subject where nobody can check the answers automatically?',
    'p6.expect':
      'A good last sentence names what was measured, on how many problems, with which interval, and where it was not tried.',
    'numbers.title': 'What the numbers mean',
    'n.t1': 'Acc@t1',
    'n.t1.text':
      'Share of problems whose first attempt is right. Right means: well-formed, every hop true, lands on 0.',
    'n.t2': 'Acc@t2',
    'n.t2.text':
      'The same for the second attempt, after the sentence that there might be an error. The sentence is the same whatever was written.',
    'n.delta': 'Δ',
    'n.delta.text': 'Acc@t2 − Acc@t1, in percentage points. Above 0, checking helps; below 0, it harms.',
    'n.iToC': 'i→c, wrong → right',
    'n.iToC.text': 'Share of all problems that were wrong first and right second.',
    'n.cToI': 'c→i, right → wrong',
    'n.cToI.text': 'Share of all problems that were right first and wrong second. Always: Δ = i→c − c→i.',
    'n.interval': '95% interval',
    'n.interval.text':
      'If one drew new problems again and again and made an interval each time, 95 of 100 such intervals would contain the model’s true value. It speaks of chance in the problems, not of what another run would learn.',
    'n.seeds': 'Mean over seeds',
    'n.seeds.text':
      'Runs that differ only in their random numbers and in how many steps the machine made, with a 95% interval for the mean of such runs (Student’s t, n = {n}). Another base model is not covered by it.',
    'n.greedy': 'Greedy',
    'n.greedy.text': 'The most likely token each time. No chance in it: the same model gives the same answer.',
    'n.sampled': 'Sampled, T = 1',
    'n.sampled.text':
      'Each token is drawn with the model’s own probabilities, as in practice. On a model this small that is a good deal worse than greedy, so always say which.',
    'measured.title': 'What we measured',
    'measured.caption':
      'Five runs of {minutes} minutes and the base, {n} unseen problems, greedy unless said. {date}, {machine}, {threads} threads.',
    'measured.run': 'Run',
    'measured.base': 'Base',
    'measured.seed': 'Seed {seed}',
    'measured.mean': 'Mean of {n} (95%)',
    'measured.steps': 'Steps',
    'measured.sampled': 'T = 1: t1 → t2',
    'measured.interval': '95%',
    'measured.figure': 'Right answers, first to second attempt: the base falls, every run rises.',
    'measured.source': 'Source: docs/log.md in the repository, with the command to repeat it.',
    'not.title': 'What cannot be concluded',
    'not.1':
      'That language models in general correct themselves after five minutes. This is one model of 0.8 million parameters and one puzzle with a known rule.',
    'not.2':
      'That large assistants have the same weakness to the same degree. The base was made for this lesson: its training texts contain revisions that change right answers about as readily as wrong ones. The weakness is real in it, and put there.',
    'not.3': 'That it never spoils an answer. 0 of {n} fits a true rate of up to {bound} in {n} (rule of three).',
    'not.4':
      'That it “knows” or “understands” that it was wrong. What is measured is what it writes second, given what it wrote first.',
    'not.5':
      'That the method works where nobody can check answers. Here a rule decides what is right; that is what pays the reward.',
    'not.6':
      'That more minutes give as much again. The curve flattens: the second attempt of a run of seed {seed} stood at {half} at step {halfStep} and at {late} at step {lateStep}. Longer runs we have not measured.',
    'not.7':
      'That your figures will equal ours. Another machine makes more or fewer steps in five minutes, another seed other problems; compare intervals, not digits.',
    paper:
      'The method is SCoRe: Kumar et al. 2024, “Training Language Models to Self-Correct via Reinforcement Learning”, arXiv 2409.12917. The paper’s own figures are for large models on mathematics and code, and are not repeated here.',
  },
  {
    title: '교사용: 20분 수업',
    lead: '아주 작은 언어 모델은 답을 살펴보라는 말을 들으면 맞은 답까지 망칩니다. 5분 연습하면 그러지 않는 법을 교실 앞에서 배웁니다. 이 쪽의 숫자는 모두 이 수업으로 직접 잰 것입니다.',
    print: '인쇄',
    'aim.title': '학생이 얻어 가는 것',
    'aim.1': '“답을 살펴보라”는 말을 들었다고 해서 모델이 맞았는지 틀렸는지를 알게 되지는 않습니다.',
    'aim.2': '스스로 고치기는 풀이를 보지 않고 보상만으로 배울 수 있습니다.',
    'aim.3': '나아졌다는 말은 문제 수, 구간, 여러 번의 실행이 함께 있을 때만 뜻이 있습니다.',
    'need.title': '준비물',
    'need.1':
      '요즘 브라우저가 있는 컴퓨터 한 대와 프로젝터면 됩니다. 모델은 쪽과 함께 오고, 학생이 하는 일은 컴퓨터 밖으로 나가지 않습니다.',
    'need.2':
      '미리 한 번 연습시켜 보십시오. 걸리는 시간은 컴퓨터에 달렸습니다. 여기 숫자는 프로세서 하나({machine})의 스레드 {threads}개로 쟀습니다.',
    'need.3': '학생이 각자 컴퓨터로 해도 됩니다. 주소에 {address}를 넣으면 모두 같은 문제를 봅니다.',
    'plan.title': '수업 진행',
    'plan.minutes': '{from}–{to}분',
    'plan.show': '보여 주기',
    'plan.ask': '묻기',
    'plan.expect': '학생이 보는 것',
    'p1.title': '틀리는 모습 보기',
    'p1.show':
      '문제 하나로 다이얼을 설명합니다. 두 번째 시도가 더 나을지 손을 들게 합니다. “{ask}”를 누르고 이어서 “{five}”를 누른 뒤 칠판에 셉니다.',
    'p1.ask':
      '“위에 오류가 있을 수 있습니다”라는 말에서 모델은 첫 답에 대해 무엇을 알게 되었습니까? 여러분이라면 어떻게 하겠습니까?',
    'p1.expect':
      '첫 시도는 {t1}쯤, 두 번째 시도는 {t2}쯤 맞습니다. 문제 100개 가운데 {cToI}개쯤은 맞았다가 망치고, {iToC}개쯤은 틀렸다가 고칩니다. 여섯 번만 보면 다르게 나올 수도 있습니다. 적은 수가 얼마나 흔들리는지 배우는 첫 기회입니다.',
    'p2.title': '연습시키기',
    'p2.show':
      '지금 “{start}”를 누르고, 돌아가는 동안 설명합니다. 새 문제를 두 번씩 풀고 바늘이 0에 닿으면 보상을 받습니다. 오답→정답에는 가산점이, 정답→오답에는 벌점이 붙습니다.',
    'p2.ask':
      '아무도 풀이를 보여 주지 않는데 어떻게 나아질 수 있습니까? 첫 시도를 일부러 망치는 꼼수는 왜 가능하고, 어떻게 막습니까?',
    'p2.expect':
      '1단계는 첫 시도를 기준 모델 가까이에 묶어 두고 두 번째를 가르칩니다. 2단계는 둘 다 가르칩니다. 지금 배우는 샘플에 보상 항목이 막대로 나옵니다.',
    'p3.title': '곡선 읽기',
    'p3.show':
      '점선은 첫 시도, 실선은 두 번째 시도, 가는 선은 기준 모델입니다. 점을 하나 골라 그때의 답을 읽습니다. 아래에는 고친 것(위쪽)과 망친 것(아래쪽)이 있습니다.',
    'p3.ask': '무엇을 먼저 배웁니까? 틀린 답을 고치는 것입니까, 맞은 답을 그대로 두는 것입니까? 왜 그쪽이 더 쉽습니까?',
    'p3.expect':
      '우리가 잰 다섯 번 모두 두 번째 시도가 {fastest}~{slowest}초 만에 기준 모델보다 5포인트 위에 섰습니다. 시드 {seed}에서는 스텝 {step}까지 답을 그대로 두는 것을 먼저 배웠고({unchanged}가 그대로, 망친 답은 {before}에서 {after}로), 고치는 것은 그다음이었습니다.',
    'p4.title': '무엇이 달라졌는지 보기',
    'p4.show':
      '연습이 끝나면 한 번도 보지 못한 {n}문제로 한 번 시험합니다. 구간이 든 문장을 소리 내어 읽고, 전과 후의 뒤바뀜 표를 봅니다.',
    'p4.ask': '첫 시도도 나아집니까? 구간은 무엇을 말합니까? 문제가 50개뿐이라면 어떻게 되겠습니까?',
    'p4.expect':
      '우리가 잰 다섯 번의 평균에서 두 번째 시도는 {t2Base} → {t2}({low}~{high}), 첫 시도는 {t1Base} → {t1}입니다. 그리디로 답하면 늘어난 것은 거의 다 고치기에서 옵니다. T = 1로 뽑으면 첫 시도도 {s1Base} → {s1}로 늘어납니다.',
    'p5.title': '안을 들여다보기',
    'p5.show':
      '견주어 보기에서 두 모델이 같은 문제를 같은 시드로 풉니다. 토큰을 가리키면 다른 후보가 보입니다. 시드를 바꾸고, 온도를 바꿉니다.',
    'p5.ask': '모델은 어디에서 자신이 없었습니까? 틀린 곳에서 자신이 없었습니까?',
    'p5.expect':
      '계산은 거의 확실하고, 망설임은 +와 −를 고르는 곳에 있습니다. 시험 문제 {problems}개에서 기준 모델의 불확실성(엔트로피) 가운데 {share}가 부호에 있었습니다.',
    'p6.title': '무엇을 말해도 되는지',
    'p6.show': '학생들의 문장을 칠판에 모읍니다. 아래 목록을 보며 숫자가 받쳐 주지 않는 문장을 지웁니다.',
    'p6.ask':
      '큰 대화 모델에도 도움이 되겠습니까? 어떻게 알아볼 수 있습니까? 답을 자동으로 확인할 수 없는 과목이라면 무엇이 더 필요합니까?',
    'p6.expect':
      '좋은 마지막 문장에는 무엇을, 몇 문제로, 어떤 구간으로 쟀는지, 그리고 어디에는 해 보지 않았는지가 들어 있습니다.',
    'numbers.title': '숫자의 뜻',
    'n.t1': 'Acc@t1',
    'n.t1.text': '첫 시도가 맞은 문제의 비율입니다. 형식이 맞고, 걸음이 모두 옳고, 0에 닿아야 맞은 것입니다.',
    'n.t2': 'Acc@t2',
    'n.t2.text': '틀렸을지 모른다는 말을 들은 뒤의 두 번째 시도로 잰 같은 비율입니다. 무엇을 썼든 듣는 말은 같습니다.',
    'n.delta': 'Δ',
    'n.delta.text':
      'Acc@t2 − Acc@t1, 단위는 퍼센트포인트입니다. 0보다 크면 살펴보기가 도움이 되고, 작으면 해가 됩니다.',
    'n.iToC': 'i→c, 오답→정답',
    'n.iToC.text': '전체 문제 가운데 처음에 틀리고 두 번째에 맞은 비율입니다.',
    'n.cToI': 'c→i, 정답→오답',
    'n.cToI.text': '전체 문제 가운데 처음에 맞고 두 번째에 틀린 비율입니다. 언제나 Δ = i→c − c→i입니다.',
    'n.interval': '95% 구간',
    'n.interval.text':
      '새 문제를 거듭 뽑아 그때마다 구간을 만들면 100개 가운데 95개가 그 모델의 참값을 담습니다. 문제를 뽑는 우연에 대한 말이고, 다른 실행이 무엇을 배울지에 대한 말은 아닙니다.',
    'n.seeds': '시드 평균',
    'n.seeds.text':
      '난수와 컴퓨터가 해낸 스텝 수만 다른 실행들을 평균하고, 그런 실행들의 평균에 대한 95% 구간(스튜던트 t, n = {n})을 붙였습니다. 다른 기준 모델까지 담지는 않습니다.',
    'n.greedy': '그리디',
    'n.greedy.text': '매번 가장 그럴듯한 토큰을 고릅니다. 우연이 없어서 같은 모델은 같은 답을 냅니다.',
    'n.sampled': '샘플링, T = 1',
    'n.sampled.text':
      '연습할 때처럼 모델의 확률대로 토큰을 뽑습니다. 이렇게 작은 모델에서는 그리디보다 꽤 나쁘니, 어느 쪽인지 늘 말해야 합니다.',
    'measured.title': '우리가 잰 것',
    'measured.caption':
      '기준 모델과 {minutes}분 연습 다섯 번, 처음 보는 {n}문제, 따로 말하지 않으면 그리디, {date}, {machine}, 스레드 {threads}개로 쟀습니다.',
    'measured.run': '실행',
    'measured.base': '기준 모델',
    'measured.seed': '시드 {seed}',
    'measured.mean': '{n}번 평균 (95%)',
    'measured.steps': '스텝',
    'measured.sampled': 'T = 1: t1 → t2',
    'measured.interval': '95%',
    'measured.figure':
      '첫 시도에서 두 번째 시도로 가는 정답률입니다. 기준 모델은 내려가고 다섯 실행은 모두 올라갑니다.',
    'measured.source': '출처는 저장소의 docs/log.md이고, 다시 재는 명령도 거기에 있습니다.',
    'not.title': '말할 수 없는 것',
    'not.1':
      '언어 모델이라면 모두 5분 만에 스스로 고치게 된다고는 말할 수 없습니다. 매개변수 80만 개인 모델 하나와 규칙이 알려진 퍼즐 하나입니다.',
    'not.2':
      '큰 대화 모델에 같은 약점이 같은 만큼 있다고는 말할 수 없습니다. 기준 모델은 이 수업을 위해 만들었습니다. 학습 글에 맞은 답과 틀린 답을 거의 가리지 않고 바꾸는 고쳐 쓰기가 들어 있습니다. 약점은 진짜이지만 일부러 넣은 것입니다.',
    'not.3':
      '절대로 답을 망치지 않는다고는 말할 수 없습니다. {n}문제 가운데 0개라는 결과는 참 비율이 {n}문제에 {bound}개까지여도 나올 수 있습니다(3의 법칙).',
    'not.4':
      '틀렸다는 것을 “안다”거나 “이해한다”고는 말할 수 없습니다. 잰 것은 처음에 쓴 것이 있을 때 두 번째로 무엇을 쓰는지입니다.',
    'not.5':
      '답을 확인할 사람이 없는 곳에서도 통한다고는 말할 수 없습니다. 여기서는 규칙이 정답을 정하고, 보상도 거기서 나옵니다.',
    'not.6':
      '더 오래 하면 그만큼 더 는다고는 말할 수 없습니다. 곡선은 완만해집니다. 시드 {seed}로 한 실행의 두 번째 시도는 스텝 {halfStep}에서 {half}, 스텝 {lateStep}에서 {late}였습니다. 더 긴 실행은 재지 않았습니다.',
    'not.7':
      '여러분의 숫자가 우리 것과 같으리라고는 말할 수 없습니다. 컴퓨터가 다르면 5분 동안의 스텝 수가 다르고, 시드가 다르면 문제가 다릅니다. 숫자 하나하나보다 구간을 견주십시오.',
    paper:
      '학습법은 SCoRe입니다: Kumar 외 2024, “Training Language Models to Self-Correct via Reinforcement Learning”, arXiv 2409.12917. 논문의 숫자는 큰 모델로 수학과 코드에서 잰 것이라 여기에 옮기지 않았습니다.',
  },
);
