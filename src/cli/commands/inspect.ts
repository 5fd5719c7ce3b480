import type { Command } from 'commander'
import { isMapped, type Inspection, type ModelFlow, type Stack } from '../../contract/model.ts'
import { shapeText, stageTitle } from '../../figures/flow-text.ts'
import { parseSeconds } from '../arguments.ts'
import { withCommonOptions, withEngine, type CommonOptions } from '../session.ts'
import { plain, print, printJson, table } from '../terminal.ts'

export const inspectCommand = (program: Command): void => {
  withCommonOptions(program.command('inspect'))
    .description("print a model's architecture, and the way of a clip through it")
    .argument('<model>', 'a model id or folder')
    .option('--seconds <n>', 'length of the clip; 5, or what the model hears at most', parseSeconds)
    .action((model: string, options: CommonOptions & { seconds?: number }) =>
      withEngine(options, async ({ engine }) => {
        const { id } = await engine.client.host['models.open']({ model })
        const inspection = await engine.client.engine['models.inspect']({ model: id })
        const flow = await engine.client.engine['models.flow']({ model: id, seconds: options.seconds })
        await (options.json ? printJson({ ...inspection, flow }) : print(describe(inspection, flow)))
      }),
    )
}

const describe = (inspection: Inspection, flow: ModelFlow): string => {
  const { parameters, decoder } = inspection
  const facts = [
    ['model', inspection.id + (inspection.untrained ? ' (untrained weights)' : '')],
    [
      'family',
      `${inspection.family}${isMapped(inspection.family) ? ' (input mapped by hand)' : ''}, ${inspection.type}`,
    ],
    ['parameters', millions(parameters.total)],
    ['  encoder', millions(parameters.encoder)],
    ['  decoder', decoder ? millions(parameters.decoder) : '-'],
    ['  head', parameters.head > 0 ? millions(parameters.head) : '-'],
    ['encoder', stack(inspection.encoder)],
    ['decoder', decoder ? stack(decoder) : '-'],
    ['vocabulary', String(inspection.vocabulary ?? '-')],
    ['positions', String(inspection.positions ?? '-')],
    ['step', `${inspection.stepMs} ms`],
  ]
  const values = [
    ...inspection.inputs.map((card) => ['input', card.name, card.dtype, card.shape.join(' × ')]),
    ...inspection.outputs.map((card) => ['output', card.name, card.dtype, card.shape.join(' × ')]),
  ]
  const sites = inspection.sites.map((site) => [site.tap, site.kind, `layer ${site.layer}`, `${site.heads} heads`])
  return [
    table(facts),
    diagram(flow),
    table([['', 'name', 'type', 'shape'], ...values]),
    table([['attention site', 'kind', '', ''], ...sites]),
  ].join('\n\n')
}

/** A box a line: what it is called and its shape; between two the arrow with what makes the one of the other. */
const diagram = ({ seconds, stages }: ModelFlow): string => {
  const titles = stages.map(stageTitle)
  const width = Math.max(...titles.map((title) => title.length))
  const indent = ' '.repeat(width + 2)
  const lines = stages.flatMap((stage, i) => [
    ...(stage.by ? [`${indent}↓ ${stage.by}`] : []),
    `${titles[i]!.padEnd(width)}  ${shapeText(stage)}`,
    ...stage.notes.map((note) => `${indent}  ${note}`),
  ])
  return [`a clip of ${Number(seconds.toFixed(3))} s`, ...lines].map(plain).join('\n')
}

const stack = ({ layers, heads, width }: Stack): string => `${layers} layers × ${heads} heads, width ${width}`

const millions = (count: number): string => `${(count / 1e6).toFixed(2)} M`
