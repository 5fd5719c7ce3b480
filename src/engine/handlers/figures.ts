import type { EngineHandlers } from '../../contract/engine.ts'
import { figureMime, renderFigure } from '../export/figure.ts'
import { drawFigure, type FigureClient } from '../export/figure-data.ts'

/** `client`: the engine's own calls, which a figure is made of. */
export const figureHandlers = (client: () => FigureClient): Pick<EngineHandlers, 'figures.draw'> => ({
  'figures.draw': async ({ format, ...request }, { signal, part }) => {
    const figure = await drawFigure(client(), request, { signal, part })
    const bytes = await renderFigure(figure, format)
    return { name: `${figure.name}.${format}`, mime: figureMime[format], bytes }
  },
})
