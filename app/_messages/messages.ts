import type { Language } from '../../lib/http/accept.ts'

/** Everything that the pages say, in every language: a word that one of them lacks is a type error. */
const en = {
  title: (page: string) => `${page} · Gatehouse`,
  description: 'Log in to your account, look at it and download your data.',
  home: {
    title: 'Logins that keep working',
    what: 'Gatehouse serves these pages and passes each login on to an API behind a private load balancer.',
    why: 'When the load balancer’s addresses change, logins simply carry on: nothing is restarted, nothing to look after.',
    logIn: 'Log in',
    account: 'Go to your account',
  },
  login: {
    title: 'Log in',
    titleAfterError: 'Error: Log in',
    name: 'User name',
    password: 'Password',
    show: 'Show',
    showPassword: 'Show password',
    submit: 'Log in',
    pending: 'Logging in…',
  },
  failure: {
    credentials: 'The user name or password is not right. Please check both and try again.',
    locked: (seconds: number | null) =>
      `There have been too many attempts. Please try again ${seconds === null ? 'after a while' : `in ${waitEn(seconds)}`}.`,
    forbidden: 'This account may not log in here. Please ask your administrator.',
    crossSite:
      'The login was refused because it seemed to come from another site. Please open the login page anew and log in there.',
    form: 'The login could not be read. Please enter your user name and password again.',
    badGateway: 'The connection to the login service failed.',
    unavailable: 'The login service is not available right now.',
    timeout: 'The login service did not answer in time.',
    unexpected: 'Something went wrong on our side.',
    network: 'Our server could not be reached. Please check your connection.',
    safe: 'You have not been logged in yet; it is safe to try again.',
    unsure:
      'You may or may not be logged in. Please look at your account first, and try again if you are not.',
    account: 'Look at your account',
    requestId: 'Request ID:',
  },
  account: {
    title: 'Your account',
    greeting: (displayName: string) => `Hello, ${displayName}`,
    name: 'User name',
    since: 'Logged in since (JST)',
    data: 'Download my data (JSON)',
    logOut: 'Log out',
    unknown: 'We can’t show your account right now',
    unknownWhy: 'The service that knows your account does not answer. You have not been logged out.',
    again: 'Try again',
  },
  notFound: {
    title: 'Page not found',
    text: 'There is no page at this address. It may have been moved or removed.',
    home: 'Back to the front page',
  },
  error: {
    title: 'Something went wrong',
    text: 'This page could not be shown. Trying again often helps.',
    again: 'Try again',
    digest: 'Error ID:',
  },
}

export type Messages = typeof en

const ja: Messages = {
  title: page => `${page} · Gatehouse`,
  description: 'アカウントへのログイン、登録情報の確認とダウンロードができます。',
  home: {
    title: 'いつでもログインできる',
    what: 'Gatehouse はページを配信し、ログインを非公開のロードバランサーの先にある API へ届けます。',
    why: 'ロードバランサーのアドレスが変わっても、ログインできなくなることはありません。再起動も特別な作業も不要です。',
    logIn: 'ログイン',
    account: 'アカウントを見る',
  },
  login: {
    title: 'ログイン',
    titleAfterError: 'エラー：ログイン',
    name: 'ユーザー名',
    password: 'パスワード',
    show: '表示',
    showPassword: 'パスワードを表示',
    submit: 'ログイン',
    pending: 'ログインしています…',
  },
  failure: {
    credentials: 'ユーザー名またはパスワードが正しくありません。ご確認のうえ、もう一度お試しください。',
    locked: seconds =>
      `ログインの試行回数が上限に達しました。${seconds === null ? 'しばらくたってから' : `${waitJa(seconds)}後に`}もう一度お試しください。`,
    forbidden: 'このアカウントではログインできません。管理者にお問い合わせください。',
    crossSite:
      '別のサイトからの操作とみなされたため、ログインできませんでした。ログインページを開き直してから、もう一度お試しください。',
    form: '入力内容を読み取れませんでした。ユーザー名とパスワードをもう一度入力してください。',
    badGateway: 'ログインサービスに接続できませんでした。',
    unavailable: 'ただいまログインサービスをご利用いただけません。',
    timeout: 'ログインサービスから時間内に応答がありませんでした。',
    unexpected: 'サーバーで問題が発生しました。',
    network: 'サーバーに接続できませんでした。通信環境をご確認ください。',
    safe: 'ログインはまだ行われていませんので、もう一度お試しいただいて問題ありません。',
    unsure:
      'すでにログインできている可能性があります。アカウントを確認し、ログインしていない場合はもう一度お試しください。',
    account: 'アカウントを確認する',
    requestId: 'リクエスト ID：',
  },
  account: {
    title: 'アカウント',
    greeting: displayName => `ようこそ、${displayName} さん`,
    name: 'ユーザー名',
    since: 'ログイン日時',
    data: '登録情報をダウンロード（JSON）',
    logOut: 'ログアウト',
    unknown: '現在、アカウントを表示できません',
    unknownWhy: 'アカウント情報のサービスから応答がありません。ログアウトされたわけではありません。',
    again: 'もう一度試す',
  },
  notFound: {
    title: 'ページが見つかりません',
    text: 'お探しのページは、移動または削除された可能性があります。',
    home: 'トップページへ戻る',
  },
  error: {
    title: '問題が発生しました',
    text: 'ページを表示できませんでした。お手数ですが、もう一度お試しください。',
    again: 'もう一度試す',
    digest: 'エラー ID：',
  },
}

export const messages: Record<Language, Messages> = { ja, en }

function waitEn(seconds: number): string {
  const [count, unit] = seconds < 60 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

function waitJa(seconds: number): string {
  return seconds < 60 ? ` ${seconds} 秒` : `約 ${Math.ceil(seconds / 60)} 分`
}
