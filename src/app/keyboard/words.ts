// Words of the keyboard map.
import { screenWords } from '../i18n/screenWords';

export const words = screenWords(
  {
    title: 'Keys',
    close: 'Close',
    andThen: 'then',
    space: 'Space',
    help: 'This list',
    pause: 'Pause the run, or let it go on',
    step: 'One step, while the run is paused',
    note: 'Not while you type. Tab, Enter and the arrow keys work as everywhere.',
    settings: 'Switch them off in the settings',
  },
  {
    title: '키',
    close: '닫기',
    andThen: '다음',
    space: '스페이스',
    help: '이 목록',
    pause: '연습을 멈추거나 이어 가기',
    step: '멈춘 동안 한 스텝',
    note: '글자를 입력하는 동안에는 듣지 않습니다. Tab, Enter, 화살표 키는 어디서나 그대로 씁니다.',
    settings: '설정에서 끄기',
  },
);
