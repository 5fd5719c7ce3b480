import type { Command } from 'commander'
import { isMapped, type Inspection, type Stack } from '../../contract/model.ts'
import { withCommonOptions, withEngine, type CommonOptions } from '../session.ts'
import { print, printJson, table } from '../terminal.ts'

export const inspectCommand = (program: Command): void => {
  withCommonOptions(program.command('inspect'))
    .description("print a model's architecture")
    .argument('<model>', 'a model id or folder')
    .action((model: string, options: CommonOptions) =>
      withEngine(options, async ({ engine }) => {
        const { id } = await engine.client.host['models.open']({ model })
        const inspection = await engine.client.engine['models.inspect']({ model: id })
        await (options.json ? printJson(inspection) : print(describe(inspection)))
      }),
    )
}

const describe = (inspection: Inspection): string => {
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
    table([['', 'name', 'type', 'shape'], ...values]),
    table([['attention site', 'kind', '', ''], ...sites]),
  ].join('\n\n')
}

const stack = ({ layers, heads, width }: Stack): string => `${layers} layers × ${heads} heads, width ${width}`

const millions = (count: number): string => `${(count / 1e6).toFixed(2)} M`
