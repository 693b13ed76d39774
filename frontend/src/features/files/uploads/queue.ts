import { ApiError, errorText } from '../../../api/errors'
import { fileKeys } from '../../../api/files'
import { flowKeys } from '../../../api/flows'
import { queryClient } from '../../../api/queryClient'
import { toast } from '../../../components/Toasts'
import { counted } from '../../../lib/format'
import { baseName, parentPath } from '../../../lib/paths'
import { placeAgain, type Target } from './clashes'
import { answerFor, forgetUpload, interruptedUploads, keepUpload } from './kept'
import { cancelUpload, isPassing, readUpload, sendFile } from './sending'
import { type KeptUpload, noUploads, type UploadLine, type UploadPhase, useUploads } from './state'

/** A file on its way. */
interface Job extends Omit<Target, 'file'> {
  id: number
  /** Null after a reload, until the person has chosen the file again. */
  file: File | null
  kept: KeptUpload | null
  name: string
  size: number
  sent: number
  /** What the studio had when this page began to send; not counted into the speed. */
  had: number
  phase: UploadPhase
  problem: string | null
  abort: AbortController
}

const atOnce = 3
const mostLines = 100
const tellEvery = 100
const longestPause = 15_000

/** All uploads of this page. They go on while the person walks from page to page. */
class UploadQueue {
  private jobs: Job[] = []
  private sending = 0
  private lastId = 0
  private done = 0
  private doneBytes = 0
  private doneHad = 0
  private began = 0
  private telling: ReturnType<typeof setTimeout> | undefined
  private places = new Set<string>()

  constructor() {
    answerFor((id) => this.jobs.some((job) => job.kept?.id === id && job.phase !== 'homeless'))
    addEventListener('beforeunload', (event) => {
      if (this.jobs.some((job) => job.phase === 'sending' || job.phase === 'waiting')) event.preventDefault()
    })
  }

  /** Sends files; one that was interrupted here before goes on where it was. */
  add(targets: readonly Target[]): void {
    if (this.jobs.every((job) => job.phase === 'failed' || job.phase === 'homeless')) this.begin()
    for (const target of targets) {
      const known = this.jobs.find(
        (job) => job.phase === 'homeless' && isSame(job, target.file) && job.path === target.path,
      )
      if (known) this.give(known.id, target.file)
      else this.jobs.push({ ...this.job(target.path, target.file.size), ...target })
    }
    this.next()
  }

  /** Offers uploads that a reload has interrupted. */
  async recover(): Promise<void> {
    for (const kept of await interruptedUploads()) {
      if (this.jobs.some((job) => job.kept?.id === kept.id)) continue
      const known = await readUpload(kept.id).catch(() => undefined)
      if (known === null) forgetUpload(kept.id)
      if (!known) continue
      const job = this.job(kept.path, kept.size)
      this.jobs.push({
        ...job,
        kept,
        replaces: kept.replaces,
        sent: known.offset,
        had: known.offset,
        phase: 'homeless',
      })
    }
    this.tell()
  }

  /** The file of an interrupted upload. False where it is another one. */
  give(id: number, file: File): boolean {
    const job = this.jobs.find((each) => each.id === id)
    if (!job || !isSame(job, file)) return false
    if (this.sending === 0) this.began = Date.now()
    Object.assign(job, { file, phase: 'waiting', problem: null })
    this.next()
    return true
  }

  retry(id: number): void {
    const job = this.jobs.find((each) => each.id === id)
    if (job?.phase !== 'failed' || !job.file) return
    Object.assign(job, { phase: 'waiting', problem: null, abort: new AbortController() })
    this.next()
  }

  retryAll(): void {
    for (const job of [...this.jobs]) this.retry(job.id)
  }

  cancel(id: number): void {
    const job = this.jobs.find((each) => each.id === id)
    if (job) this.drop(job)
    this.settle()
  }

  cancelAll(): void {
    for (const job of [...this.jobs]) this.drop(job)
    this.settle()
  }

  private begin(): void {
    this.began = Date.now()
    this.done = this.doneBytes = this.doneHad = 0
  }

  private job(path: string, size: number): Job {
    this.lastId += 1
    const about = { path, size, name: baseName(path), id: this.lastId, sent: 0, had: 0 }
    return {
      ...about,
      file: null,
      kept: null,
      replaces: null,
      phase: 'waiting',
      problem: null,
      abort: new AbortController(),
    }
  }

  private drop(job: Job): void {
    this.jobs = this.jobs.filter((each) => each !== job)
    job.abort.abort()
    if (!job.kept) return
    forgetUpload(job.kept.id)
    cancelUpload(job.kept.id).catch(() => undefined) // It goes by itself after a day.
  }

  private next(): void {
    while (this.sending < atOnce) {
      const job = this.jobs.find((each) => each.phase === 'waiting')
      if (!job) break
      job.phase = 'sending'
      this.sending += 1
      void this.run(job).finally(() => {
        this.sending -= 1
        this.next()
        this.settle()
      })
    }
    this.tell()
  }

  private async run(job: Job): Promise<void> {
    for (let pause = 1000; this.jobs.includes(job); pause = Math.min(2 * pause, longestPause)) {
      try {
        await this.send(job)
        this.finish(job)
        return
      } catch (error) {
        if (job.abort.signal.aborted) return
        if (error instanceof ApiError && error.status === 412) {
          if (!(await this.placeAgain(job))) return
        } else if (isPassing(error)) {
          Object.assign(job, { phase: 'broken', problem: errorText(error) })
          this.tell()
          await rest(pause, job.abort.signal)
          if (job.phase === 'broken') job.phase = 'sending'
        } else {
          Object.assign(job, { phase: 'failed', problem: errorText(error) })
          return
        }
      }
    }
  }

  private async send(job: Job): Promise<void> {
    const { file, path, replaces, abort } = job
    if (!file) return
    let isFirst = true
    await sendFile({
      file,
      path,
      replaces,
      uploadId: job.kept?.id ?? null,
      signal: abort.signal,
      onBegun: (id) => {
        job.kept = { id, path, name: file.name, size: file.size, lastModified: file.lastModified, replaces }
        keepUpload(job.kept)
      },
      onSent: (sent) => {
        if (isFirst && file.size !== sent) job.had = Math.max(job.had, sent - job.sent)
        isFirst = false
        Object.assign(job, { sent, phase: 'sending', problem: null })
        this.tell()
      },
    })
  }

  /** The name was taken meanwhile; the pieces that came in are for the old one, so they are sent anew. */
  private async placeAgain(job: Job): Promise<boolean> {
    if (!job.file) return false
    const target = await placeAgain({ file: job.file, path: job.path, replaces: job.replaces })
    const isElsewhere = target?.path !== job.path
    if (isElsewhere && job.kept) {
      forgetUpload(job.kept.id)
      cancelUpload(job.kept.id).catch(() => undefined)
      Object.assign(job, { kept: null, sent: 0 })
    }
    if (target) Object.assign(job, { ...target, name: baseName(target.path) })
    else this.jobs = this.jobs.filter((each) => each !== job)
    return target !== null
  }

  private finish(job: Job): void {
    this.jobs = this.jobs.filter((each) => each !== job)
    if (job.kept) forgetUpload(job.kept.id)
    this.done += 1
    this.doneBytes += job.size
    this.doneHad += job.had
    this.places.add(parentPath(job.path))
  }

  /** Tells of the end, when nothing is on its way any more. */
  private settle(): void {
    this.tell()
    const isBusy = this.jobs.some((job) => job.phase !== 'failed' && job.phase !== 'homeless')
    if (isBusy || this.places.size === 0) return
    void queryClient.invalidateQueries({ queryKey: fileKeys.all })
    void queryClient.invalidateQueries({ queryKey: flowKeys.list })
    const shortest = [...this.places].reduce((one, other) => (other.length < one.length ? other : one))
    toast.say(`${counted(this.done, 'file')} uploaded to ${shortest}.`)
    this.places.clear()
  }

  private tell(): void {
    this.telling ??= setTimeout(() => {
      this.telling = undefined
      this.tellNow()
    }, tellEvery)
  }

  private tellNow(): void {
    const { jobs } = this
    if (jobs.length === 0) {
      useUploads.setState(noUploads)
      return
    }
    const sum = (of: (job: Job) => number) => jobs.reduce((total, job) => total + of(job), 0)
    const sent = this.doneBytes + sum((job) => job.sent)
    const bytes = this.doneBytes + sum((job) => job.size)
    const rate = (sent - this.doneHad - sum((job) => job.had)) / Math.max(0.5, (Date.now() - this.began) / 1000)
    const isSending = jobs.some((job) => job.phase === 'sending')
    useUploads.setState({
      files: this.done + jobs.length,
      done: this.done,
      bytes,
      sent,
      secondsLeft: isSending && rate > 0 ? (bytes - sent) / rate : null,
      lines: inOrder(jobs).slice(0, mostLines).map(lineOf),
      more: Math.max(0, jobs.length - mostLines),
      isPreparing: false,
    })
  }
}

const order: UploadPhase[] = ['failed', 'homeless', 'broken', 'sending', 'waiting']

/** What needs the person first, then what is under way. */
function inOrder(jobs: readonly Job[]): Job[] {
  return order.flatMap((phase) => jobs.filter((job) => job.phase === phase))
}

function lineOf({ id, name, path, size, sent, phase, problem }: Job): UploadLine {
  return { id, name, path, size, sent, phase, problem }
}

/** Whether a file is the one an upload began with, as far as a browser can tell. */
function isSame(job: Job, file: File): boolean {
  return file.size === job.size && (job.kept?.lastModified ?? file.lastModified) === file.lastModified
}

/** A pause that ends early when the connection is back, or the upload is given up. */
function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      removeEventListener('online', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    addEventListener('online', end)
    signal.addEventListener('abort', end, { once: true })
  })
}

export const uploadQueue = new UploadQueue()
