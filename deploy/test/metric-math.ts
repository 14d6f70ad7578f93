/**
 * CloudWatch's metric math for one point in time, as far as the alarms use it: numbers, ids, + - * /, comparisons (1 or 0), AND, OR,
 * parentheses, IF and FILL. A value that is missing makes what is computed from it missing, but for FILL.
 * (Amazon CloudWatch User Guide, "Using math expressions with CloudWatch metrics")
 */
export type Value = number | undefined

const TOKEN = /\s*(>=|<=|==|!=|[-+*/()<>,]|[A-Za-z]\w*|\d+(?:\.\d+)?)/y

/** Weakest first. */
const LEVELS = [['OR'], ['AND'], ['>=', '<=', '==', '!=', '>', '<'], ['+', '-'], ['*', '/']] as const

const OPERATORS: Readonly<Record<string, (a: number, b: number) => Value>> = {
  OR: (a, b) => Number(a !== 0 || b !== 0),
  AND: (a, b) => Number(a !== 0 && b !== 0),
  '>=': (a, b) => Number(a >= b),
  '<=': (a, b) => Number(a <= b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '>': (a, b) => Number(a > b),
  '<': (a, b) => Number(a < b),
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0 ? undefined : a / b),
}

const FUNCTIONS: Readonly<Record<string, (...args: Value[]) => Value>> = {
  IF: (condition, then, otherwise) => (condition === undefined ? undefined : condition ? then : otherwise),
  FILL: (value, filling) => value ?? filling,
}

/** @throws where the expression is none, or asks for what is not among `values` */
export function evaluate(expression: string, values: Readonly<Record<string, Value>>): Value {
  const tokens = tokensOf(expression)
  let at = 0
  const next = () => tokens[at++] ?? ''
  const expect = (token: string) => {
    const found = next()
    if (found !== token) throw new Error(`${token} expected, not ${found}, in ${expression}`)
  }

  function binary(level: number): Value {
    const operators: readonly string[] | undefined = LEVELS[level]
    if (!operators) return single()
    let left = binary(level + 1)
    while (operators.includes(tokens[at] ?? '')) {
      const apply = OPERATORS[next()]
      const right = binary(level + 1)
      left = left === undefined || right === undefined ? undefined : apply?.(left, right)
    }
    return left
  }

  function single(): Value {
    const token = next()
    if (/^\d/.test(token)) return Number(token)
    if (token === '(') {
      const value = binary(0)
      expect(')')
      return value
    }
    const apply = FUNCTIONS[token]
    if (apply) return apply(...list())
    if (!(token in values)) throw new Error(`${token} is unknown in ${expression}`)
    return values[token]
  }

  function list(): Value[] {
    expect('(')
    const args = [binary(0)]
    while (tokens[at] === ',') {
      at++
      args.push(binary(0))
    }
    expect(')')
    return args
  }

  const value = binary(0)
  if (at < tokens.length) throw new Error(`more after the end of ${expression}`)
  return value
}

function tokensOf(expression: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < expression.trimEnd().length) {
    const [, token] = TOKEN.exec(expression) ?? []
    if (token === undefined) throw new Error(`not understood: ${expression}`)
    tokens.push(token)
  }
  return tokens
}
