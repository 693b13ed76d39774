import { remember } from '../../../lib/storage'
import { type KeptUpload, keptUploads } from './state'

const channelName = 'pfstudio uploads'
const answersWithin = 300

export function keepUpload(upload: KeptUpload): void {
  remember('uploads', [...keptUploads().filter((each) => each.id !== upload.id), upload])
}

export function forgetUpload(id: string): void {
  remember(
    'uploads',
    keptUploads().filter((each) => each.id !== id),
  )
}

/** Answers other pages of this browser, which ask whose uploads are still being sent. */
export function answerFor(isMine: (id: string) => boolean): void {
  const channel = new BroadcastChannel(channelName)
  channel.onmessage = ({ data }: MessageEvent<{ asked?: string[] }>) => {
    const held = data.asked?.filter(isMine) ?? []
    if (held.length > 0) channel.postMessage({ held })
  }
}

/** Uploads that no page of this browser sends any more. */
export async function interruptedUploads(): Promise<KeptUpload[]> {
  const kept = keptUploads()
  if (kept.length === 0) return []
  const held = new Set<string>()
  const channel = new BroadcastChannel(channelName)
  channel.onmessage = ({ data }: MessageEvent<{ held?: string[] }>) => {
    for (const id of data.held ?? []) held.add(id)
  }
  channel.postMessage({ asked: kept.map((each) => each.id) })
  await new Promise((resolve) => setTimeout(resolve, answersWithin))
  channel.close()
  return kept.filter((each) => !held.has(each.id))
}
