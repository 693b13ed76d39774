import { nameProblem } from '../../lib/paths'

/** What the folder of a repository would be called; empty where the address does not say. */
export function repositoryName(url: string): string {
  const path = url
    .trim()
    .replace(/[?#].*$/, '')
    .replace(/^[a-z+]+:\/\/[^/]*/i, '')
  const name = (path.split(/[/:]/).filter(Boolean).at(-1) ?? '').replace(/\.git$/, '')
  return nameProblem(name) === null ? name : ''
}
