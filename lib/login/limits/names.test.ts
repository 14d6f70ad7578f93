import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  FORM_TYPE,
  json,
  keys,
  MULTIPART,
  part,
  refusedWith,
  TARO,
  XML_TYPE,
} from '../../../test/account-keys.ts'

for (const field of [
  'name',
  'username',
  'userName',
  'user_id',
  'email',
  'E-Mail',
  'account',
  'login',
  'id',
  'mobileNumber',
  'cell_phone',
  'emailId',
  'mail_addr',
  'userAccount',
  'login_user_id',
  'staffId',
  'emp_no',
  'kaiin_no',
  'memberNumber',
  'shain_cd',
]) {
  test(`a name is found in the field ${field}`, async () => {
    assert.deepEqual(await json({ [field]: 'taro', password: 'secret' }), [TARO])
  })
}

test('a code that a whole company has is no name', async () => {
  const body = { customerCode: 'ACME', account_cd: '1', user_id: 'taro', password: 'secret' }
  assert.deepEqual(await json(body), [TARO])
})

for (const [words, body] of [
  ['another case', { name: 'TARO' }],
  ['spaces around it', { name: ' taro\t' }],
  ['full width', { name: 'ｔａｒｏ' }],
  ['an object', { user: { name: 'taro' } }],
  ['a list', { name: ['taro'] }],
  ['an object in an object', { data: { user: { email: 'taro' } } }],
] as const) {
  test(`a name in ${words} is the same name`, async () => {
    assert.deepEqual(await json(body), [TARO])
  })
}

for (const body of [
  'name=taro&password=x',
  'user[email]=taro',
  'user.name=%74aro',
  'name[]=taro',
  'form:email=taro',
  'ctl00$Main$UserName=taro',
  // PHP: of a field's name spaces at its begin go, others become `_`, and NUL ends it
  '+email=taro',
  'user+name=taro',
  'email%00x=taro',
  // Spring's default value
  '!email=taro',
  // ASP.NET
  '%u0065mail=%u0074aro',
  // Go's decoders
  'u%C5%BFername=taro',
]) {
  test(`a name is found in the form ${body}`, async () => {
    assert.deepEqual(await keys(body, FORM_TYPE), [TARO])
  })
}

for (const [reader, body] of [
  ['PHP', 'email[0]=taro'],
  ['PHP', 'email[x][y]=taro'],
  ['PHP', 'email[id]=taro'],
  ['PHP', 'login[0]=taro'],
  ['PHP', 'login[x]=taro&password=p'],
  ['PHP', 'customer.id=taro'],
  ['PHP', 'customer[id=taro'],
  ['qs', 'a=1&[name]=taro'],
  ['Spring', "user['email']=taro"],
  ['Struts', 'user["email"]=taro'],
  ['old Spring', 'j_username=taro'],
  ['Rails 8', 'session[email_address]=taro'],
  ['Symfony', '_username=taro'],
  ['WordPress', 'log=taro&pwd=p'],
  ['phpBB', 'username=taro&password=p&login=Log+in'],
  ['a form with a button', 'username=taro&password=p&login=ログインする'],
  ['ASP.NET', 'Input.Email=taro&Input.RememberMe=true'],
  ['Devise', 'user[login]=taro&user[password]=p&user[remember_me]=1'],
  ['JSON in a field', 'data=%7B%22email%22%3A%22taro%22%7D'],
] as const)
  test(`${reader} reads the name of ${body}, and it counts`, async () => {
    assert.deepEqual(await keys(body, FORM_TYPE), [TARO])
  })

const BODIES: readonly [what: string, write: (name: string) => unknown][] = [
  ['keys of a PHP array', email => ({ email: { 0: email } })],
  ['a list in a list', email => ({ email: [[email]] })],
  ['many objects', email => ({ a: { b: { c: { d: { email } } } } })],
  ['camel case', emailAddress => ({ emailAddress })],
  ['other words', userEmail => ({ userEmail })],
  ['JSON as text', email => JSON.stringify({ email })],
  ['JSON as text of a field', email => ({ data: JSON.stringify({ email }) })],
  ['JSON-RPC', email => ({ jsonrpc: '2.0', id: 1, method: 'login', params: { email } })],
  ['JSON-RPC of Zabbix', user => ({ jsonrpc: '2.0', id: 1, method: 'login', params: { user }, auth: null })],
  ['several calls by JSON-RPC', email => [{ jsonrpc: '2.0', id: 1, method: 'login', params: { email } }]],
  ['a stored GraphQL query', email => ({ id: '5f1c', variables: { input: { email } } })],
  ['a device', email => ({ email, device: { name: 'iPhone' } })],
  ['a password by two letters', id => ({ credentials: { id, userPw: 'p' } })],
  ['a client', email => ({ email, client: { id: 'web', secret: 'x' } })],
  [
    'pairs',
    value => [
      { name: 'email', value },
      { name: 'password', value: 'p' },
    ],
  ],
  [
    'pairs with keys',
    value => ({
      fields: [
        { key: 'email', value },
        { key: 'password', value: 'p' },
      ],
    }),
  ],
  [
    'SuperTokens',
    value => ({
      formFields: [
        { id: 'email', value },
        { id: 'password', value: 'p' },
      ],
    }),
  ],
  ['Cognito', USERNAME => ({ AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME, PASSWORD: 'p' } })],
  ['Matrix', user => ({ type: 'm.login.password', identifier: { type: 'm.id.user', user }, password: 'p' })],
  [
    'Keystone',
    name => ({ auth: { password: { user: { name, domain: { id: 'default' }, password: 'p' } } } }),
  ],
  ['a telephone', number => ({ email: number, phone: { country: 'JP', number }, password: 'p' })],
]
for (const [what, write] of BODIES)
  test(`of a login with ${what} the account counts, and nothing that visitors share`, async () => {
    assert.deepEqual(await json(write('taro')), [TARO])
  })

for (const [what, text] of [
  ['a field with an attribute', '<login><field name="email">taro</field></login>'],
  ['a property', '<request id="1"><property name="email" value="taro"/></request>'],
  ['SOAP types', '<a><b><username xsi:type="xsd:string">taro</username></b></a>'],
  ['XML-RPC', '<a><member><name>email</name><value><string>taro</string></value></member></a>'],
  ['a name at the top', '<login><name>taro</name><kagi>p</kagi></login>'],
  ['a name beside a password', '<a><b><c><name>taro</name><password>p</password></c></b></a>'],
] as const)
  test(`of XML with ${what} the account counts, and nothing that visitors share`, async () => {
    assert.deepEqual(await keys(text, XML_TYPE), [TARO])
  })

test('an invented field beside it takes no name out of the count', async () => {
  for (const body of [
    { name: 'taro', email: 'x' },
    { id: 'taro', username: 'x' },
    { id: 'taro', jsonrpc: '2.0', params: {}, pw: 'p' },
    { form: { name: 'taro', password: 'p' }, email: 'x' },
    { form: { name: 'taro', password: 'p', value: 'v' }, email: 'x' },
    { user: { name: 'taro' }, email: 'x' },
    { email: { x: 'taro' }, username: 'x' },
    { login: { x: 'taro', email: 'x' }, password: 'p' },
  ])
    assert.ok((await json(body)).includes(TARO), JSON.stringify(body))
})

test('an operator of a query in place of a name is refused, a reference of .NET passes', async () => {
  for (const body of ['email[$eq]=taro', 'email[$regex]=^ta', 'user[$ne]=x', 'name[x][$gt]='])
    await assert.rejects(keys(body, FORM_TYPE), refusedWith('BAD_REQUEST'), body)
  await assert.rejects(json({ email: { $in: ['taro'] } }), refusedWith('BAD_REQUEST'))
  assert.deepEqual(await json({ $id: '1', user: { $id: '2', email: 'taro' } }), [TARO])
})

test('JSON and XML in a part of a multipart form are looked into', async () => {
  const typed = (type: string, text: string) =>
    `${part(`data"\r\nContent-Type: ${type}; x="`, text).replace('; x=""', '')}--b--`
  assert.deepEqual(await keys(typed('application/json', '{"email":"taro"}'), MULTIPART), [TARO])
  assert.deepEqual(await keys(typed('text/xml', '<login><email>taro</email></login>'), MULTIPART), [TARO])
  await assert.rejects(keys(typed('application/yaml', 'email: taro'), MULTIPART), refusedWith('BAD_REQUEST'))
  const surplus = '<login></login></data><email>taro</email>'
  await assert.rejects(keys(typed('text/xml', surplus), MULTIPART), refusedWith('BAD_REQUEST'))
  // a file of Office is no XML
  const office = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
  assert.deepEqual(await keys(`${typed(office, 'PK<\x03')}`, MULTIPART), [])
  assert.deepEqual(await keys(`${part('data', '{"email":"taro"}')}--b--`, MULTIPART), [TARO])
})
