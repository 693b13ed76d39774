import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { FormEvent } from 'react'
import type { FlowItem } from '../../api/flows'
import { galleryQuery } from '../../api/gallery'
import { Button } from '../../components/Button'
import { Dialog } from '../../components/Dialog'
import { type FlowType, FlowTypeIcon, flowTypes } from '../../components/Kind'
import { ErrorMessage } from '../../components/Note'
import { RadioCard } from '../../components/RadioCard'
import { tellImport } from '../import/dialogs'
import styles from './CreateFlowDialog.module.css'
import { CreateFoot, formId } from './CreateFoot'
import type { Choice } from './choice'
import { GalleryChoice } from './GalleryChoice'
import { GitChoice } from './GitChoice'
import { UploadChoice } from './UploadChoice'
import { useFormDrop } from './useFormDrop'
import { type NewFlow, useNewFlow } from './useNewFlow'

interface CreateFlowDialogProps {
  /** A type, the name of an example, `gallery`, `upload` or `git`. */
  from: string
  flows: readonly FlowItem[]
  root: string
  onClose: () => void
}

/** Every way to a new flow in one dialog; name and folder stay in view beside the one primary button. */
export function CreateFlowDialog({ from, flows, root, onClose }: CreateFlowDialogProps) {
  const navigate = useNavigate()
  const { data: gallery = [], error: galleryError } = useQuery(galleryQuery)
  const flow = useNewFlow({
    from,
    flows,
    root,
    gallery,
    onCreated: (path, imported) => {
      void navigate({ to: '/flows/$', params: { _splat: path } })
      if (imported) void tellImport(imported)
    },
  })
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
      keepOpenOutside={choice.from === 'upload' || choice.from === 'git'}
      footer={<CreateFoot flow={flow} root={root} takesFocus={from !== 'upload' && from !== 'git'} onClose={onClose} />}
    >
      <form id={formId} className={styles.form} onSubmit={submit} {...drop.handlers}>
        <Refused flow={flow} />
        {galleryError && <ErrorMessage error={galleryError} title="The gallery could not be read." />}
        <Kinds choice={choice} onChoose={choose} />
        <div className={styles.elsewhere}>
          <UploadChoice
            files={choice.from === 'upload' ? choice.files : null}
            isOver={drop.isOver}
            takesFocus={from === 'upload'}
            onFiles={(files) => choose(files ? { from: 'upload', files } : { from: 'nothing' })}
          />
          <GitChoice
            source={choice.from === 'git' ? choice : null}
            takesFocus={from === 'git'}
            onSource={(source) => choose(source ?? { from: 'nothing' })}
          />
        </div>
        <GalleryChoice gallery={gallery} choice={choice} onChoose={choose} />
      </form>
    </Dialog>
  )
}

/** Why the flow was not made; a name that is taken comes with one that is free. */
function Refused({ flow }: { flow: NewFlow }) {
  if (!flow.error) return null
  return (
    <ErrorMessage
      error={flow.error}
      title="The flow was not created."
      actions={
        flow.proposal !== null && (
          <Button size="small" onClick={flow.acceptProposal}>
            Create as {flow.proposal}
          </Button>
        )
      }
    />
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
