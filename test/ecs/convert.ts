import { type Options, withoutNginx } from '../../command/ecs/convert.ts'
import { createNotes } from '../../command/ecs/notes.ts'
import { readTask } from '../../command/ecs/read.ts'

type Given = Partial<Options> & { readonly accept?: readonly string[]; readonly origin?: string }

/**
 * Converts a task definition that is written as an object.
 * @param origin `--env BACKEND_ORIGIN`; empty: none
 */
export function convert(
  task: object,
  { accept = [], origin = 'https://api.dev.jp', ...options }: Given = {},
) {
  const notes = createNotes(accept)
  const env = { ...(origin && { BACKEND_ORIGIN: origin }), ...options.env }
  const read = readTask(JSON.stringify(task), 'task.json')
  const found = withoutNginx(read, { drop: [], writable: [], ...options, env }, notes)
  return {
    ...notes,
    questions: notes.questions.map(({ words, answer }) => `${words} ${answer}`),
    task: found?.task,
    service: found?.service,
    /** @throws where there is none of that name */
    container(name: string) {
      const container = found?.task.containerDefinitions.find(each => each.name === name)
      if (!container) throw new Error(`no container ${name}: ${JSON.stringify(notes.questions)}`)
      return container
    },
  }
}

/** A task of Nginx on 80 and an app on 3000, with more in each. */
export const pair = (
  nginx: object = {},
  app: object = {},
  more: object = {},
  others: readonly object[] = [],
) => ({
  family: 'shop',
  networkMode: 'awsvpc',
  containerDefinitions: [
    { name: 'nginx', image: 'nginx:1.27', essential: true, portMappings: [{ containerPort: 80 }], ...nginx },
    {
      name: 'app',
      image: 'app:1',
      essential: true,
      command: ['npm', 'start'],
      portMappings: [{ containerPort: 3000 }],
      ...app,
    },
    ...others,
  ],
  ...more,
})
