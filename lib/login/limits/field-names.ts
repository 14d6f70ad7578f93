import { refused } from './text.ts'

/** A field that may hold an account's name. */
type Kind = {
  /** in any place, or only where an account is: `name` may be a device's, `id` a client's */
  readonly where: 'anywhere' | 'account'
  /** what below it is the name, too: all; keys alone that say nothing (`[0]`); or all where it is not the object that holds the password */
  readonly takes: 'all' | 'plain' | 'outside'
}

/** `memberNumber`, `customer_no`, `shain_cd`. Not a code of a customer or an account: in B2B a whole company has it (顧客コード). */
const NUMBERED = 'user account member customer employee emp staff student admin kaiin shain'
  .split(' ')
  .flatMap(who => ['id', 'no', 'number', 'code', 'cd'].map(what => who + what))
  .filter(name => !/^(customer|account)(code|cd)$/.test(name))

/** Of Spring, Django, Devise, Laravel, ASP.NET Identity, Passport.js, NextAuth, Keycloak, Cognito, Rails; then of Java EE and single products. */
const NAMES = `
  username uname useremail usermail userlogin email emailaddress emailaddr emailid mail mailaddress mailaddr
  accountname accountemail accountlogin loginname loginid loginemail loginmail loginuser loginuserid logon logonid logonname
  usernameoremail usernameoremailaddress emailorusername loginoremail ${NUMBERED.join(' ')}
  jusername juser samaccountname userprincipalname upn osusername pmausername wpname lgname sapuser ssousername
  signinname logonidentifier loginfmt`

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ...of('anywhere', 'all', NAMES),
  ...of('anywhere', 'outside', 'user account login useraccount loginaccount'),
  // `{"country": "JP", "number": …}`. Not `mobile`: in many a form it says what the client is
  ...of(
    'anywhere',
    'plain',
    'phone phonenumber phoneno mobilenumber mobileno mobilephone cellphone tel telno',
  ),
  // `log` of WordPress
  ...of('account', 'all', 'name id uid log'),
  // `{"type": "m.id.user", "user": "taro"}` of Matrix
  ...of('account', 'plain', 'identifier identity'),
])
const PASSWORD = /(?:password|passwd|passphrase|passcode|pass|pwd|pswd|pw|^pin|pincode)$/

function of(where: Kind['where'], takes: Kind['takes'], names: string) {
  return names
    .trim()
    .split(/\s+/)
    .map(name => [name, { where, takes }] as const)
}

/** PHP goes no deeper (max_input_nesting_level), Rack stops at 32. */
const MOST_DEEP = 64

export const kindOf = (name: string) => KINDS.get(name)
export const isPassword = (name: string) => PASSWORD.test(name)

/**
 * The names in a field's name: `user[email]`, `user['E-Mail']`, `user.email`, `form:email`, `ctl00$email` → `user`, `email`. Spaces, `!`
 * and what is behind NUL go, as PHP and Spring have it; Go takes `ſ` for `s`.
 */
export function pathOf(field: string): string[] {
  // quick, since most are so
  if (/^\w+$/.test(field)) return [field.toLowerCase().replaceAll('_', '')]
  const names = field.replace(/\0.*/s, '').split(/[[\].:]+|(?<=\w)\$/)
  if (names.length > MOST_DEEP) throw refused('a field 64 deep')
  const bare = names.filter(each => each.trim() !== '').map(plain)
  // `email[]`
  return bare.length > 0 ? bare : ['']
}

const plain = (name: string) =>
  name
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .replace(/[\s!'"_-]/g, '')
