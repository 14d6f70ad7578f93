import { chmodSync, globSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryPaths } from '../nginx-process.ts'

/** Where one server is started. */
export type Place = {
  readonly host: string
  readonly port: number
  /** its own */
  readonly folder: string
  /** with what was compiled */
  readonly compiled: string
}

type Command = readonly [program: string, ...words: string[]]

/** A server from packages of Debian, with the handlers of `app.*` or `Api.java`. */
export type Server = {
  readonly name: string
  /** what it needs: a file, and the package that brings it */
  readonly needs: Readonly<Record<string, string>>
  /** runs once, before any is started */
  readonly compile?: (folder: string) => Command
  /** the listening one last */
  readonly commands: (place: Place) => readonly Command[]
  /** installs quickly, and is part of `npm test` */
  readonly short?: true
}

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const here = fileOf('.')

const GUNICORN = { '/usr/bin/gunicorn': 'gunicorn' }
const UVICORN = { '/usr/lib/python3/dist-packages/uvicorn/main.py': 'python3-uvicorn' }
const HTTPTOOLS = { '/usr/share/doc/python3-httptools': 'python3-httptools' }
const GO = { '/usr/bin/go': 'golang-go' }
const JAVA = { '/usr/bin/javac': 'default-jdk-headless' }

const gunicorn = (bind: string, ...more: string[]): Command => [
  '/usr/bin/gunicorn',
  ...['--chdir', here, '--bind', bind, '--log-level', 'critical', '--keep-alive', '60'],
  ...more,
  'app:wsgi',
]
const THREADS = ['--worker-class', 'gthread', '--threads', '32']

const uvicorn =
  (http: string) =>
  ({ host, port }: Place): Command[] => [
    [
      '/usr/bin/python3',
      ...['-m', 'uvicorn', '--app-dir', here, '--http', http, '--host', host, '--port', `${port}`],
      ...['--log-level', 'critical', '--timeout-keep-alive', '60', 'app:asgi'],
    ],
  ]

const compileGo = (folder: string): Command => [
  '/usr/bin/go',
  'build',
  '-o',
  join(folder, 'app'),
  fileOf('app.go'),
]
const go = (compiled: string, listen: string): Command => [join(compiled, 'app'), listen]

const JETTY = ['server', 'http', 'util', 'io'].map(each => `/usr/share/java/jetty9-${each}.jar`)
const jettyPath = [...JETTY, '/usr/share/java/servlet-api.jar']
// without the version in its name
const tomcatPath = () =>
  globSync('/usr/share/java/tomcat10-*.jar').filter(each => !/embed|-\d+\.\d+\.\d+\.jar$/.test(each))

const java = (name: string, classPath: () => readonly string[]): Pick<Server, 'compile' | 'commands'> => ({
  compile: folder => [
    '/usr/bin/javac',
    ...['-nowarn', '-d', join(folder, name), '-cp', classPath().join(':')],
    ...[fileOf('Api.java'), fileOf(`${name}.java`)],
  ],
  commands: ({ host, port, folder, compiled }) => [
    [
      '/usr/bin/java',
      ...['-Xshare:auto', '-XX:TieredStopAtLevel=1', '-cp', [join(compiled, name), ...classPath()].join(':')],
      ...[name, host, `${port}`, folder],
    ],
  ],
})

export const SERVERS: readonly Server[] = [
  { name: 'Node', needs: {}, commands: () => [[process.execPath, fileOf('app.ts')]], short: true },
  {
    name: 'nginx → gunicorn',
    needs: { '/usr/sbin/nginx': 'nginx', ...GUNICORN },
    commands: place => [
      gunicorn(`unix:${place.folder}/app.sock`, ...THREADS),
      ['/usr/sbin/nginx', '-c', nginxConf(place), '-p', place.folder, '-e', 'stderr'],
    ],
    short: true,
  },
  {
    name: 'gunicorn, threads',
    needs: GUNICORN,
    commands: ({ host, port }) => [gunicorn(`${host}:${port}`, ...THREADS)],
  },
  {
    name: 'gunicorn, sync',
    needs: GUNICORN,
    commands: ({ host, port }) => [gunicorn(`${host}:${port}`, '--workers', '8')],
  },
  { name: 'uvicorn, h11', needs: UVICORN, commands: uvicorn('h11') },
  {
    name: 'uvicorn, httptools',
    needs: { ...UVICORN, ...HTTPTOOLS },
    commands: uvicorn('httptools'),
    short: true,
  },
  {
    name: 'uWSGI --http',
    needs: {
      '/usr/bin/uwsgi': 'uwsgi-core',
      '/usr/lib/uwsgi/plugins/python3_plugin.so': 'uwsgi-plugin-python3',
    },
    commands: ({ host, port }) => [
      [
        '/usr/bin/uwsgi',
        ...[
          '--plugin',
          'http,python3',
          '--http',
          `${host}:${port}`,
          '--http-keepalive=60',
          '--threads',
          '32',
        ],
        ...[
          '--disable-logging',
          '--chdir',
          here,
          '--module',
          'app:wsgi',
          '--add-header',
          'Connection: Keep-Alive',
        ],
      ],
    ],
    short: true,
  },
  {
    name: 'Tomcat 10',
    needs: { ...JAVA, '/usr/share/java/tomcat10-catalina.jar': 'libtomcat10-java' },
    ...java('TomcatApi', tomcatPath),
  },
  {
    name: 'Jetty 9',
    needs: { ...JAVA, '/usr/share/java/jetty9-server.jar': 'libjetty9-java' },
    ...java('JettyApi', () => jettyPath),
  },
  {
    name: 'Puma',
    needs: { '/usr/bin/puma': 'puma' },
    commands: ({ host, port }) => [
      ['/usr/bin/puma', ...['-q', '-t', '0:32', '-b', `tcp://${host}:${port}`, fileOf('app.ru')]],
    ],
  },
  {
    name: 'Apache, mod_php',
    needs: { '/usr/sbin/apache2': 'apache2', '/usr/share/doc/libapache2-mod-php': 'libapache2-mod-php' },
    commands: place => [['/usr/sbin/apache2', '-DFOREGROUND', '-f', apacheConf(place)]],
  },
  {
    name: 'Go',
    needs: GO,
    compile: compileGo,
    commands: ({ host, port, compiled }) => [go(compiled, `${host}:${port}`)],
  },
  {
    name: 'HAProxy → Go',
    needs: { '/usr/sbin/haproxy': 'haproxy', ...GO },
    compile: compileGo,
    commands: place => [
      go(place.compiled, `${place.folder}/app.sock`),
      ['/usr/sbin/haproxy', '-db', '-q', '-f', haproxyConf(place)],
    ],
  },
]

function nginxConf({ host, port, folder }: Place): string {
  return written(
    join(folder, 'nginx.conf'),
    `daemon off; ${process.getuid?.() === 0 ? 'user root; ' : ''}pid ${folder}/nginx.pid; events {} http { access_log off; ${temporaryPaths(`${folder}/temp`)}
       server { listen ${host}:${port}; location / { proxy_pass http://unix:${folder}/app.sock; proxy_next_upstream off; } } }`,
  )
}

function apacheConf({ host, port, folder, compiled }: Place): string {
  // its processes must not be root's
  for (const each of [folder, compiled]) chmodSync(each, 0o777)
  const modules = '/usr/lib/apache2/modules'
  const [php = ''] = globSync(`${modules}/libphp*.so`)
  return written(
    join(folder, 'httpd.conf'),
    `ServerRoot ${folder}
DefaultRuntimeDir ${folder}
PidFile ${folder}/httpd.pid
Mutex file:${folder}
ErrorLog /dev/null
Listen ${host}:${port}
ServerName localhost
User nobody
Group nogroup
LoadModule mpm_prefork_module ${modules}/mod_mpm_prefork.so
LoadModule authz_core_module ${modules}/mod_authz_core.so
LoadModule alias_module ${modules}/mod_alias.so
LoadModule env_module ${modules}/mod_env.so
LoadModule php_module ${php}
StartServers 32
MaxRequestWorkers 32
KeepAliveTimeout 60
PassEnv COUNTS SLOW_MS
AliasMatch ^ ${fileOf('app.php')}
<Location />
  Require all granted
  SetHandler application/x-httpd-php
</Location>
`,
  )
}

const haproxyConf = ({ host, port, folder }: Place) =>
  written(
    join(folder, 'haproxy.cfg'),
    `defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend front
  bind ${host}:${port}
  default_backend app
backend app
  server app ${folder}/app.sock
`,
  )

function written(file: string, text: string): string {
  writeFileSync(file, text)
  return file
}
