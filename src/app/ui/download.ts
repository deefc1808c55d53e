// Hands a file to the browser's own download.

export function download(fileName: string, content: BlobPart, type: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName;
  link.click();
  // The browser has taken it once the click is over; a minute is generous.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
