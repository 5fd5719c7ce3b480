import { readFileSync } from 'node:fs'
import PdfDocument from 'pdfkit'
import drawSvg from 'svg-to-pdfkit'
import { fontFiles } from './fonts.ts'

const pointsPerPixel = 72 / 96

/** An SVG of ours as a one-page PDF: vectors stay vectors, fonts are embedded as subsets. Dated 1970, for PDF wants a date and the
 * same figure gives the same file. */
export const svgToPdf = async (svg: string, title: string, notes: string): Promise<Buffer> => {
  const [width, height] = sizeOf(svg)
  const document = new PdfDocument({
    size: [width * pointsPerPixel, height * pointsPerPixel],
    margin: 0,
    info: { Title: title, Subject: notes, Creator: 'Otoscope', CreationDate: new Date(0) },
  })
  const done = collect(document)
  document.registerFont('regular', readFileSync(fontFiles.regular))
  document.registerFont('bold', readFileSync(fontFiles.bold))
  drawSvg(document, svg, 0, 0, {
    width: width * pointsPerPixel,
    height: height * pointsPerPixel,
    fontCallback: (_family, bold) => (bold ? 'bold' : 'regular'),
  })
  document.end()
  return done
}

const sizeOf = (svg: string): [number, number] => {
  const size = /<svg width="([\d.]+)" height="([\d.]+)"/.exec(svg)
  if (!size) throw new Error('the SVG does not begin with its size')
  return [Number(size[1]), Number(size[2])]
}

const collect = (document: PDFKit.PDFDocument): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    document.on('data', (part: Buffer) => parts.push(part))
    document.on('end', () => resolve(Buffer.concat(parts)))
    document.on('error', reject)
  })
