import { dimension, flag, oneOf, parseCollector, setting } from '../kinds.ts'

/** Metrics, traces and the log. */
export const OBSERVE = {
  METRICS: oneOf(
    'prometheus',
    ['prometheus', 'emf'],
    "format of the metrics, beside `/metrics` for Prometheus, which is always on. `emf`: a line a minute in CloudWatch's embedded metric format",
  ),
  SERVICE_NAME: dimension(
    'gatehouse',
    'dimension `Service` of the metrics with `METRICS=emf`; two sites that use one API need two names',
  ),
  SERVICE_ENVIRONMENT: dimension(
    'production',
    'dimension `Environment` of the metrics with `METRICS=emf`, such as `production` or `staging`',
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting<URL | null>(
    {
      initial: '',
      accepts: 'the base URL of an OTLP/HTTP collector, without user and query: http://127.0.0.1:4318',
      meaning: 'collector that traces are sent to, by OTLP/HTTP: `http://127.0.0.1:4318`. Empty: no traces',
    },
    text => (text === '' ? null : parseCollector(text)),
  ),
  OTEL_SDK_DISABLED: flag(
    'false',
    'switch for traces. `true`: no traces, even where OTEL_EXPORTER_OTLP_ENDPOINT is set',
  ),
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
    'which requests are traced. `parentbased_…`: where a request comes with a trace context, its sender decides',
  ),
  OTEL_TRACES_SAMPLER_ARG: setting(
    {
      initial: '1',
      accepts: 'a number from 0 to 1, such as 0.1',
      meaning: 'share of the requests that are traced with `traceidratio`, from 0 to 1',
    },
    text => (/^[\d.]+$/.test(text) && Number(text) <= 1 ? Number(text) : undefined),
  ),
  LOG_REQUESTS: oneOf(
    'pages',
    ['all', 'pages', 'api', 'errors'],
    'requests that get a line in the log besides logins, which always get one. `errors`: those refused (4xx) or failed (5xx); `api`: these and calls to the API; `pages`: these and pages; `all`: these, static files and health checks',
  ),
  LOG_LEVEL: oneOf(
    'info',
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    'lowest level that is logged: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`',
  ),
}
