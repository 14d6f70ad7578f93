import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readTask } from './read.ts'

const TASK = { family: 'shop', containerDefinitions: [{ name: 'app', image: 'app:1' }] }
const DESCRIBED = {
  taskDefinitionArn: 'arn:aws:ecs:…',
  revision: 1,
  status: 'ACTIVE',
  requiresAttributes: [],
  compatibilities: ['EC2'],
  registeredAt: '2026-10-02',
  registeredBy: 'arn:aws:sts::…',
  deregisteredAt: '2026-10-03',
}

test('the answer of describe-task-definition, its taskDefinition alone and a plain file are the same', () => {
  const described = { taskDefinition: { ...TASK, ...DESCRIBED }, tags: [] }
  assert.deepEqual(readTask(JSON.stringify(described), 'a.json'), TASK)
  assert.deepEqual(readTask(JSON.stringify(described.taskDefinition), 'a.json'), TASK)
  assert.deepEqual(readTask(JSON.stringify(TASK), 'a.json'), TASK)
})

test('fields that are not known here stay, in their order, as do the tags beside a description that are not of AWS itself', () => {
  const file = {
    containerDefinitions: [
      { hostname: 'a', image: 'app:1', name: 'app', newest: { deep: [1, { b: 2, a: 1 }] } },
    ],
    later: true,
    family: 'shop',
  }
  assert.equal(JSON.stringify(readTask(JSON.stringify(file), 'a.json')), JSON.stringify(file))
  const tags = [
    { key: 'team', value: 'shop' },
    { key: 'aws:cloudformation:stack-name', value: 'shop' },
  ]
  assert.deepEqual(readTask(JSON.stringify({ taskDefinition: TASK, tags }), 'a.json'), {
    ...TASK,
    tags: tags.slice(0, 1),
  })
})

test('null, which Terraform writes for what is not set and the API refuses, is left out at every depth', () => {
  const file = {
    ...TASK,
    volumes: null,
    containerDefinitions: [{ ...TASK.containerDefinitions[0], user: null, links: [null] }],
  }
  const read = readTask(JSON.stringify(file), 'a.json')
  assert.deepEqual(read, { ...TASK, containerDefinitions: [{ ...TASK.containerDefinitions[0], links: [] }] })
})

test("a log driver's tag is no template of ecspresso", () => {
  const options = { tag: '{{.ImageName}}/{{ .Name }}' }
  const container = { name: 'app', image: 'app:1', logConfiguration: { logDriver: 'fluentd', options } }
  const read = readTask(JSON.stringify({ ...TASK, containerDefinitions: [container] }), 'a.json')
  assert.deepEqual(read.containerDefinitions, [container])
})

const OTHERS: [what: string, name: string, text: string, words: RegExp][] = [
  [
    'a template of ecspresso',
    'a.json',
    '{"family":"x","cpu":"{{ must_env `CPU` }}"}',
    /template \(\{\{ must_env …\}\}\); render it first: ecspresso render taskdef/,
  ],
  [
    'a template that is no JSON yet',
    'a.json',
    '{"containerPort": {{env `P` `80`}} }',
    /ecspresso render taskdef/,
  ],
  [
    'jsonnet by its name',
    'ecs-task-def.jsonnet',
    '{}',
    /is jsonnet; render it first: ecspresso render taskdef/,
  ],
  [
    'jsonnet by its text',
    'a.json',
    "{\n  containerDefinitions: [{ name: 'x' }],\n}",
    /is jsonnet.*ecspresso render taskdef/,
  ],
  ['jsonnet with a local', 'a.json', "local x = 'a';\n{}", /ecspresso render taskdef/],
  ['YAML', 'task.yml', 'taskDefinition:\n  family: shop\n', /is YAML.*ecspresso render taskdef/],
  [
    'a template of Terraform',
    'a.json.tpl',
    `{"containerPort": ${'$'}{port}}`,
    /template of Terraform.*describe-task-definition/,
  ],
  [
    "Terraform's list",
    'a.json',
    '[{"name":"app","image":"a"}]',
    /container_definitions.*describe-task-definition/,
  ],
  ['a template of CloudFormation', 'a.json', '{"Resources":{}}', /CloudFormation/],
  ['a description of a service', 'a.json', '{"services":[]}', /a service's description/],
  ['nothing', 'a.json', ' \n', /is empty: aws ecs describe-task-definition/],
  ['half a file', 'a.json', '{"family":', /is not JSON/],
  ['another object', 'a.json', '{}', /has no containerDefinitions/],
]
for (const [what, name, text, words] of OTHERS) {
  test(`${what} is said to be that, and what to do`, () => {
    assert.throws(() => readTask(text, name), words)
  })
}

test('every field of the wrong type is named', () => {
  const file = { family: '', containerDefinitions: [{ name: 'app', memory: '512' }] }
  assert.throws(
    () => readTask(JSON.stringify(file), 'a.json'),
    ({ message }) =>
      /family: /.test(message) &&
      /containerDefinitions\.0\.image: /.test(message) &&
      /containerDefinitions\.0\.memory: /.test(message),
  )
})
