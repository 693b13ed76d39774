import { expect, test } from 'vitest'
import { repositoryName } from './cloneName'

test.each([
  ['https://git.example.org/team/flows.git', 'flows'],
  [' https://git.example.org/team/flows/ ', 'flows'],
  ['git@github.com:team/flow.git', 'flow'],
  ['git@github.com:flow.git', 'flow'],
  ['ssh://git@a.example:2222/~/x.git', 'x'],
  ['https://git.example.org', ''],
  ['', ''],
])('%s becomes a folder named %s', (url, name) => {
  expect(repositoryName(url)).toBe(name)
})
