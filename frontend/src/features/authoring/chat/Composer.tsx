import { IconArrowUp, IconPlayerStop, IconX } from '@tabler/icons-react'
import { type KeyboardEvent, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { Button, IconButton } from '../../../components/Button'
import { toast } from '../../../components/Toasts'
import type { Json } from '../../../yaml/scalars'
import { ImageChooser } from '../images/ImageField'
import { type FoundImage, imageFromFile, imageValue } from '../images/images'
import pictures from '../images/images.module.css'
import { Picture } from '../images/ValueWithImages'
import { useAuthoring, useFlowInfo, useModel } from '../state/context'
import styles from './chat.module.css'
import { chatParts } from './chatParts'
import { useAsk } from './useAsk'

/** Where one types to the flow; a flow whose chat input is a list takes images, too. */
export function Composer({ others }: { others: Record<string, string> }) {
  const { runs } = useAuthoring()
  const { input } = chatParts(useModel())
  const format = useFlowInfo()?.message_format ?? 'basic'
  const ask = useAsk(others)
  const [text, setText] = useState('')
  const { images, attach, setImages } = useAttachments()
  const field = useRef<HTMLTextAreaElement>(null)
  const isRunning = useStore(runs.view, (view) => view.isRunning)
  const isEmpty = text.trim() === '' && images.length === 0

  function send() {
    if (isEmpty || isRunning) return
    const values: Json[] = images.map((image) => imageValue(image, format))
    setText('')
    setImages([])
    void ask(text.trim(), values)
  }

  return (
    <div className={styles.composer}>
      <Attached images={images} onRemove={(image) => setImages(images.filter((each) => each !== image))} />
      <textarea
        ref={field}
        aria-label={input?.name || 'Message'}
        placeholder="Ask the flow"
        rows={2}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => sendKey(event, send)}
      />
      <div className={styles.send}>
        <span className="secondary small">
          goes into <code>{input?.name}</code>
        </span>
        <span className={styles.end}>
          {input?.type === 'list' && (
            <ImageChooser
              label="Attach images"
              multiple
              onChoose={(files) => void attach(files).then(() => field.current?.focus())}
            />
          )}
          {isRunning ? (
            <StopButton />
          ) : (
            <IconButton
              variant="primary"
              label="Send"
              keys="Enter"
              icon={<IconArrowUp size={16} stroke={1.5} aria-hidden />}
              disabledReason={isEmpty ? 'Type a message first.' : null}
              onClick={send}
            />
          )}
        </span>
      </div>
    </div>
  )
}

/** Images that go along with the next message. */
function useAttachments() {
  const [images, setImages] = useState<FoundImage[]>([])
  const attach = async (files: File[]) => {
    try {
      const taken = await Promise.all(files.map(imageFromFile))
      setImages((before) => [...before, ...taken])
    } catch (error) {
      toast.fail(error)
    }
  }
  return { images, attach, setImages }
}

function sendKey(event: KeyboardEvent, send: () => void): void {
  if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
  event.preventDefault()
  event.stopPropagation()
  send()
}

function StopButton() {
  const { runs } = useAuthoring()
  return (
    <Button size="small" icon={<IconPlayerStop size={14} stroke={1.5} aria-hidden />} onClick={() => void runs.stop()}>
      Stop answer
    </Button>
  )
}

function Attached({ images, onRemove }: { images: FoundImage[]; onRemove: (image: FoundImage) => void }) {
  if (images.length === 0) return null
  return (
    <div className={pictures.attached}>
      {images.map((image, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an image may be there twice.
        <span key={index}>
          <Picture image={image} small />
          <IconButton
            size="small"
            label={`Take image ${index + 1} away`}
            icon={<IconX size={12} stroke={1.5} aria-hidden />}
            onClick={() => onRemove(image)}
          />
        </span>
      ))}
    </div>
  )
}
