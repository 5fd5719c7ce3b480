import type { EngineHandlers } from '../../contract/engine.ts'
import { drawFigure, type FigureClient } from '../export/figure-data.ts'

/** `client`: the engine's own calls, which a figure is made of. */
export const figureHandlers = (client: () => FigureClient): Pick<EngineHandlers, 'figures.draw'> => ({
  'figures.draw': async ({ format, ...request }, { signal, part }) => {
    // the charting library is large and seldom needed: it is loaded by the first figure
    const { figureMime, renderFigure } = await import('../export/figure.ts')
    const figure = await drawFigure(client(), request, { signal, part })
    const bytes = await renderFigure(figure, format)
    return { name: `${figure.name}.${format}`, mime: figureMime[format], bytes }
  },
})
