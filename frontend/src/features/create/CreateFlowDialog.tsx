import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { FormEvent } from 'react'
import type { FlowItem } from '../../api/flows'
import { galleryQuery } from '../../api/gallery'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { TextField } from '../../components/Field'
import { type FlowType, FlowTypeIcon, flowTypes } from '../../components/Kind'
import { ErrorMessage } from '../../components/Note'
import { RadioCard } from '../../components/RadioCard'
import { joinPath } from '../../lib/paths'
import styles from './CreateFlowDialog.module.css'
import type { Choice } from './choice'
import { GalleryChoice } from './GalleryChoice'
import { UploadChoice } from './UploadChoice'
import { useFormDrop } from './useFormDrop'
import { type NewFlow, useNewFlow } from './useNewFlow'

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
  const onCreated = (path: string) => void navigate({ to: '/flows/$', params: { _splat: path } })
  const flow = useNewFlow({ from, flows, root, gallery, onCreated })
  const { choice, choose } = flow
  const drop = useFormDrop((files) => choose({ from: 'upload', files }))

  function submit(event: FormEvent) {
    event.preventDefault()
    flow.create()
  }

  return (
    <Dialog
      title="Create flow"
      width={960}
      onClose={onClose}
      keepOpenOutside={choice.from === 'upload'}
      footer={<Foot flow={flow} root={root} takesFocus={from !== 'upload'} onClose={onClose} />}
    >
      <form id={formId} className={styles.form} onSubmit={submit} {...drop.handlers}>
        {flow.error && <ErrorMessage error={flow.error} title="The flow was not created." />}
        {galleryError && <ErrorMessage error={galleryError} title="The gallery could not be read." />}
        <Kinds choice={choice} onChoose={choose} />
        <UploadChoice
          files={choice.from === 'upload' ? choice.files : null}
          isOver={drop.isOver}
          takesFocus={from === 'upload'}
          onFiles={(files) => choose(files ? { from: 'upload', files } : { from: 'nothing' })}
        />
        <GalleryChoice gallery={gallery} choice={choice} onChoose={choose} />
      </form>
    </Dialog>
  )
}

interface FootProps {
  flow: NewFlow
  root: string
  takesFocus: boolean
  onClose: () => void
}

function Foot({ flow, root, takesFocus, onClose }: FootProps) {
  const folder = joinPath(root, flow.name)
  return (
    <>
      <div className={styles.name}>
        <TextField
          label="Name"
          inline
          form={formId}
          value={flow.name}
          onChange={flow.setName}
          problem={flow.nameProblem ?? undefined}
          autoComplete="off"
          spellCheck={false}
          {...(takesFocus ? { 'data-autofocus': true } : {})}
        />
        <span className={`${styles.folder} mono truncate`} title={folder}>
          {flow.sent ? `Sending ${flow.sent}` : folder}
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
        busy={flow.isPending}
        disabledReason={flow.reason}
      >
        Create flow
      </Button>
    </>
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
