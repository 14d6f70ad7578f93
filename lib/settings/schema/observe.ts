import { dimension, flag, oneOf, parseCollector, setting } from '../kinds.ts'

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
/** An app reads the same variable, with the names of its own logger: winston's, syslog's, those of Powertools for AWS Lambda. */
const LIKE: { readonly [level in (typeof LEVELS)[number]]?: readonly string[] } = {
  trace: ['silly'],
  debug: ['verbose', 'http'],
  info: ['notice'],
  warn: ['warning'],
  fatal: ['critical', 'crit', 'alert', 'emerg'],
}

/** Metrics, traces and the log. */
export const OBSERVE = {
  METRICS: oneOf('prometheus', ['prometheus', 'emf'], {
    en: "output of metrics besides `/metrics`, which is always there for Prometheus. `prometheus`: none. `emf`: also a line a minute in the log, in CloudWatch's embedded metric format",
    ja: 'メトリクスの出力形式。Prometheus 用の `/metrics` は常に有効。`prometheus`：それだけ。`emf`：加えて、CloudWatch の埋め込みメトリクスフォーマットで 1 分に 1 行をログに出力する',
  }),
  SERVICE_NAME: dimension('gatehouse', {
    en: 'dimension `Service` of the metrics with `METRICS=emf`; two sites that use one API need two names',
    ja: '`METRICS=emf` のとき、メトリクスのディメンション `Service`。1 つの API を使うサイトが 2 つあるなら、名前を分ける',
  }),
  SERVICE_ENVIRONMENT: dimension('production', {
    en: 'dimension `Environment` of the metrics with `METRICS=emf`, such as `production` or `staging`',
    ja: '`METRICS=emf` のとき、メトリクスのディメンション `Environment`。`production`、`staging` など',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting<URL | null>(
    {
      initial: '',
      accepts: {
        en: 'the base URL of an OTLP/HTTP collector, without user, query and /v1/traces (Gatehouse adds it): http://127.0.0.1:4318',
        ja: 'OTLP/HTTP コレクターのベース URL（ユーザー、クエリ、/v1/traces は不可。/v1/traces は Gatehouse が付ける）。例：http://127.0.0.1:4318',
      },
      meaning: {
        en: 'collector that traces are sent to, by OTLP/HTTP: `http://127.0.0.1:4318`. Empty: no traces',
        ja: 'トレースの送信先（OTLP/HTTP）：`http://127.0.0.1:4318`。空ならトレースなし',
      },
    },
    text => (text === '' ? null : parseCollector(text)),
  ),
  OTEL_SDK_DISABLED: flag('false', {
    en: 'switch for traces. `true`: no traces, even where OTEL_EXPORTER_OTLP_ENDPOINT is set',
    ja: 'トレースを無効にするスイッチ。`true`：OTEL_EXPORTER_OTLP_ENDPOINT が設定されていてもトレースを送らない',
  }),
  OTEL_TRACES_SAMPLER: oneOf(
    'parentbased_always_on',
    [
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ],
    {
      en: 'which requests are traced. `parentbased_…`: where a request comes with a trace context (`traceparent`), its sender decides',
      ja: 'どのリクエストをトレースするか。`parentbased_…`：トレースコンテキスト（`traceparent`）付きで届いたリクエストは、送信元の判断に従う',
    },
  ),
  OTEL_TRACES_SAMPLER_ARG: setting(
    {
      initial: '1',
      accepts: { en: 'a number from 0 to 1, such as 0.1', ja: '0 から 1 までの数。例：0.1' },
      meaning: {
        en: 'share of the requests that are traced with `traceidratio`, from 0 to 1',
        ja: '`traceidratio` のとき、トレースするリクエストの割合（0 から 1）',
      },
    },
    text => (/^[\d.]+$/.test(text) && Number(text) <= 1 ? Number(text) : undefined),
  ),
  LOG_REQUESTS: oneOf('pages', ['all', 'pages', 'api', 'errors'], {
    en: 'requests that get a line in the log besides logins, which always get one. `errors`: only requests that were refused (4xx) or failed (5xx); `api`: also all calls to the API; `pages`: also all pages; `all`: also static files and health checks',
    ja: 'ログに 1 行ずつ出力するリクエスト。ログインは常に出力する。`errors`：拒否（4xx）または失敗（5xx）したもの。`api`：加えて API の呼び出し。`pages`：加えてページ。`all`：加えて静的ファイルとヘルスチェック',
  }),
  LOG_LEVEL: setting(
    {
      initial: 'info',
      accepts: { en: LEVELS.join(', '), ja: LEVELS.join(', ') },
      meaning: {
        en: 'lowest level that is logged: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`, in capitals too; a level of winston or syslog (`verbose`, `warning`) counts as the nearest of these',
        ja: '出力する最低のログレベル。`trace`、`debug`、`info`、`warn`、`error`、`fatal`、`silent` のいずれか（大文字も可）。winston や syslog のレベル（`verbose`、`warning` など）は、最も近いものとみなす',
      },
    },
    text => {
      const name = text.toLowerCase()
      return LEVELS.find(each => each === name || LIKE[each]?.includes(name))
    },
  ),
}
