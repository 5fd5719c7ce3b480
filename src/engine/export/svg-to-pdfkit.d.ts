declare module 'svg-to-pdfkit' {
  /** Draws an SVG document into a pdfkit document. */
  const drawSvg: (
    document: PDFKit.PDFDocument,
    svg: string,
    x: number,
    y: number,
    options: { width: number; height: number; fontCallback: (family: string, bold: boolean) => string },
  ) => void
  export default drawSvg
}
