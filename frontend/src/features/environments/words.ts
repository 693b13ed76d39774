import type { Environment } from '../../api/environments'
import type { Status } from '../../components/Status'

export interface Said {
  status: Status
  /** A few words for the toolbar. */
  short: string
  /** What it means for the flow, in a sentence. */
  long: string
}

const phases: Record<NonNullable<Environment['build']>['phase'], string> = {
  waiting: 'Waiting for other builds',
  starting: 'Making the environment',
  resolving: 'Finding versions',
  downloading: 'Downloading packages',
  building: 'Building packages from source',
  installing: 'Installing packages',
  compiling: 'Compiling packages',
}

const own = 'The flow runs with the studio’s own packages.'

/** How far a build is: "Downloading packages · 3 of 12". */
export function progressWords(build: NonNullable<Environment['build']>): string {
  const counts = build.total > 0 ? ` · ${build.done} of ${build.total}` : ''
  return phases[build.phase] + counts
}

/** The state of an environment in words. */
export function said(environment: Environment): Said {
  const { state, python, file, build } = environment
  const ready = `Session ready · Python ${python}`
  if (state === 'building') {
    const short = build ? progressWords(build) : 'Installing packages'
    return { status: 'running', short, long: `The packages of ${file} are being installed. A run waits for them.` }
  }
  if (state === 'ready') {
    return { status: 'completed', short: ready, long: `The flow runs with the packages of ${file}, read-only.` }
  }
  if (state === 'default') {
    const long = file ? `${file} names no packages to install. ${own}` : `The flow has no requirements.txt. ${own}`
    return { status: 'completed', short: ready, long }
  }
  if (state === 'missing') {
    const who = environment.may_build ? 'The first run installs them.' : 'Its owner, or an admin, has them installed.'
    return { status: 'warning', short: 'Packages not installed', long: `${own} ${who}` }
  }
  if (state === 'off') return { status: 'warning', short: ready, long: own }
  const short = state === 'invalid' ? `Problem in ${file}` : 'Packages not installed'
  return { status: 'failed', short, long: own }
}
