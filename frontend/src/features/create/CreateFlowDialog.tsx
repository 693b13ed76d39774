import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type DragEvent, type FormEvent, useEffect, useRef, useState } from 'react'
import { createFlow, type FlowItem } from '../../api/flows'
import { galleryQuery } from '../../api/gallery'
import { importFlow } from '../../api/import'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { TextField } from '../../components/Field'
import { type FlowType, FlowTypeIcon, flowTypes } from '../../components/Kind'
import { ErrorMessage } from '../../components/Note'
import { RadioCard } from '../../components/RadioCard'
import { droppedEntries, walkEntries } from '../../lib/dropped'
import { formatBytes } from '../../lib/format'
import { joinPath } from '../../lib/paths'
import styles from './CreateFlowDialog.module.css'
import { type Choice, choiceOf, flowNameProblem, suggestion, takenNames } from './choice'
import { GalleryChoice } from './GalleryChoice'
import { UploadChoice } from './UploadChoice'

interface CreateFlowDialogProps {
  /** A type, the name of an example, `gallery` or `upload`. */
  from: string
  flows: readonly FlowItem[]
  root: string
  onClose: () => void
}

const formId = 'create-flow'

/** Every way to a new flow in one dialog; name and folder stay in view beside the one primary button. */
export function CreateFlowDialog({ from, flows, root, onClose }: CreateFlowDialogProps) {
  const navigate = useNavigate()
  const { data: gallery = [], error: galleryError } = useQuery(galleryQuery)
  const [picked, setPicked] = useState<Choice | null>(null)
  const [typedName, setTypedName] = useState<string | null>(null)
  const [isOver, setOver] = useState(false)
  const [sent, setSent] = useState<string | null>(null)
  const abort = useRef<AbortController | null>(null)

  const choice = picked ?? choiceOf(from, gallery)
  const taken = takenNames(flows, root)
  const name = typedName ?? suggestion(choice, taken)
  const problem = name === '' && typedName === null ? null : flowNameProblem(name, taken)

  const create = useMutation({
    mutationFn: () => {
      if (choice.from === 'type') return createFlow({ name, type: choice.type })
      if (choice.from === 'gallery') return createFlow({ name, template: choice.name })
      if (choice.from === 'nothing') throw new Error('Choose what the flow starts from.')
      abort.current = new AbortController()
      return importFlow(choice.files, name, {
        signal: abort.current.signal,
        onProgress: ({ sent: bytes, total }) => setSent(`${formatBytes(bytes)} of ${formatBytes(total)}`),
      }).then((imported) => imported.path)
    },
    onSuccess: (path) => void navigate({ to: '/flows/$', params: { _splat: path } }),
    onSettled: () => setSent(null),
  })
  useEffect(() => () => abort.current?.abort(), [])

  function choose(next: Choice) {
    setPicked(next)
    create.reset()
  }

  function submit(event: FormEvent) {
    event.preventDefault()
    if (!problem && name !== '' && choice.from !== 'nothing' && !create.isPending) create.mutate()
  }

  async function takeDrop(event: DragEvent) {
    event.preventDefault()
    event.stopPropagation()
    setOver(false)
    const files = await walkEntries(droppedEntries(event.dataTransfer))
    if (files.length > 0) choose({ from: 'upload', files })
  }

  const reason = choice.from === 'nothing' ? 'Choose what the flow starts from.' : problem
  return (
    <Dialog
      title="Create flow"
      width={960}
      onClose={onClose}
      keepOpenOutside={choice.from === 'upload'}
      footer={
        <>
          <div className={styles.name}>
            <TextField
              label="Name"
              inline
              form={formId}
              value={name}
              onChange={setTypedName}
              problem={problem ?? undefined}
              autoComplete="off"
              spellCheck={false}
              {...(from === 'upload' ? {} : { 'data-autofocus': true })}
            />
            <span className={`${styles.folder} mono truncate`} title={joinPath(root, name)}>
              {sent ? `Sending ${sent}` : joinPath(root, name)}
            </span>
          </div>
          <Button size="large" variant="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button
            size="large"
            variant="primary"
            type="submit"
            form={formId}
            busy={create.isPending}
            disabledReason={reason}
          >
            Create flow
          </Button>
        </>
      }
    >
      <form
        id={formId}
        className={styles.form}
        onSubmit={submit}
        onDragEnter={(event) => event.stopPropagation()}
        onDragLeave={(event) => {
          event.stopPropagation()
          setOver(false)
        }}
        onDragOver={(event) => {
          event.preventDefault()
          event.stopPropagation()
          setOver(true)
        }}
        onDrop={takeDrop}
      >
        {create.error && <ErrorMessage error={create.error} title="The flow was not created." />}
        {galleryError && <ErrorMessage error={galleryError} title="The gallery could not be read." />}
        <Kinds choice={choice} onChoose={choose} />
        <UploadChoice
          files={choice.from === 'upload' ? choice.files : null}
          isOver={isOver}
          takesFocus={from === 'upload'}
          onFiles={(files) => choose(files ? { from: 'upload', files } : { from: 'nothing' })}
        />
        <GalleryChoice gallery={gallery} choice={choice} onChoose={choose} />
      </form>
    </Dialog>
  )
}

function Kinds({ choice, onChoose }: { choice: Choice; onChoose: (choice: Choice) => void }) {
  return (
    <section className={styles.part} aria-labelledby="kinds-title">
      <h3 id="kinds-title" className="section-title">
        By type
      </h3>
      <div className={styles.kinds}>
        {(Object.keys(flowTypes) as FlowType[]).map((type) => (
          <RadioCard
            key={type}
            tall
            name="start from"
            title={flowTypes[type].title}
            about={flowTypes[type].about}
            icon={<FlowTypeIcon type={type} />}
            checked={choice.from === 'type' && choice.type === type}
            onChoose={() => onChoose({ from: 'type', type })}
          />
        ))}
      </div>
    </section>
  )
}
