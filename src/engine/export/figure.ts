import { CustomChart } from 'echarts/charts'
import { GraphicComponent, GridComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { renderAsync } from '@resvg/resvg-js'
import type { FigureFormat } from '../../contract/figures.ts'
import type { ImageOf } from '../../figures/chart-option.ts'
import type { Figure, Theme } from '../../figures/figure.ts'
import { figureOption, type FigureDrawing } from '../../figures/figure-option.ts'
import { paint } from '../../figures/paint.ts'
import { plainText } from '../../figures/text.ts'
import { fontFamily } from '../../figures/theme.ts'
import { fontFiles } from './fonts.ts'
import { svgToPdf } from './pdf.ts'
import { describePng, encodePng } from './png.ts'

use([CustomChart, GraphicComponent, GridComponent, SVGRenderer])

const pngScale = 2
const cssDpi = 96

export const figureMime: Record<FigureFormat, string> = {
  svg: 'image/svg+xml',
  png: 'image/png',
  pdf: 'application/pdf',
}

/** A figure as a file; `svg` is its drawing, where the caller has it already. The same figure gives the same bytes. */
export const renderFigure = async (
  figure: Figure,
  format: FigureFormat,
  svg = figureSvg(figure),
): Promise<Uint8Array> => {
  if (format === 'svg') return Buffer.from(svg, 'utf8')
  return format === 'png' ? svgToPng(svg, figure) : svgToPdf(svg, figure.title, notesOf(figure))
}

/** A figure as an SVG document: text is text, maps are pixels at their own resolution. Ids begin with the figure's name. */
export const figureSvg = (figure: Figure, theme: Theme = 'print'): string => {
  const drawing = figureOption(figure, { image: pngUri, theme })
  return finishSvg(chartSvg(drawing), figure)
}

const pngUri: ImageOf = (raster, colour, flipped) => {
  const png = encodePng(paint(raster, colour, flipped), raster.columns, raster.rows)
  return `data:image/png;base64,${png.toString('base64')}`
}

const chartSvg = ({ option, size }: FigureDrawing): string => {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size })
  try {
    chart.setOption(option)
    return chart.renderToSVGString()
  } finally {
    chart.dispose()
  }
}

/**
 * ECharts leaves three things that a figure cannot have: images that keep their own aspect ratio and so leave their axes,
 * smoothed cells, and ids that count up within the process.
 */
const finishSvg = (svg: string, figure: Figure): string =>
  svg
    .replace(/<style\s*>[\s\S]*?<\/style>/g, '')
    .replace(/ (?:class="zr\d+-[^"]*"|ecmeta_[a-z_]+="[^"]*")/g, '')
    .replace(/<image /g, '<image preserveAspectRatio="none" image-rendering="optimizeSpeed" ')
    .replace(/(id="|url\(#)zr\d+-/g, `$1${figure.name}-`)
    .replace(
      /^(<svg [^>]*)>/,
      (_, svg: string) =>
        `${svg} role="img" aria-label="${escapeXml(plainText(figure.title))}"><desc>${escapeXml(notesOf(figure))}</desc>`,
    )

/** What stands below it, for the file's own description. */
const notesOf = ({ notes }: Figure): string => notes.map(plainText).join('\n')

export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)

const svgToPng = async (svg: string, figure: Figure): Promise<Buffer> => {
  // on a thread of its own: it takes as long as all the rest
  const image = await renderAsync(svg, {
    fitTo: { mode: 'zoom', value: pngScale },
    font: {
      loadSystemFonts: false,
      fontFiles: Object.values(fontFiles),
      defaultFontFamily: fontFamily,
      sansSerifFamily: fontFamily,
    },
  })
  return describePng(image.asPng(), cssDpi * pngScale, {
    Title: plainText(figure.title),
    Description: notesOf(figure),
    Software: 'Otoscope',
  })
}
