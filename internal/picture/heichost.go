package picture

import (
	"fmt"

	"github.com/gen2brain/heic"
)

// deafHost gives the HEIC sandbox nothing: no files, no output, no environment.
// Its methods are named as the sandbox calls them.
type deafHost struct{ linear heic.Memory }

const noSuchFile = 8 // EBADF

// Init receives the sandbox.
func (h *deafHost) Init(m any) { h.linear = m.(*heic.Module).Xmemory() }

// Xenviron_get gives no environment.
func (h *deafHost) Xenviron_get(_, _ int32) int32 { return 0 }

// Xenviron_sizes_get says that the environment is empty.
func (h *deafHost) Xenviron_sizes_get(count, size int32) int32 {
	h.put(count, 0)
	h.put(size, 0)
	return 0
}

// Xfd_close closes nothing.
func (h *deafHost) Xfd_close(int32) int32 { return 0 }

// Xfd_fdstat_get finds no file.
func (h *deafHost) Xfd_fdstat_get(_, _ int32) int32 { return noSuchFile }

// Xfd_prestat_dir_name finds no folder.
func (h *deafHost) Xfd_prestat_dir_name(_, _, _ int32) int32 { return noSuchFile }

// Xfd_prestat_get finds no folder.
func (h *deafHost) Xfd_prestat_get(_, _ int32) int32 { return noSuchFile }

// Xfd_read reads from no file.
func (h *deafHost) Xfd_read(_, _, _, _ int32) int32 { return noSuchFile }

// Xfd_seek seeks in no file.
func (h *deafHost) Xfd_seek(_ int32, _ int64, _, _ int32) int32 { return noSuchFile }

// Xpath_unlink_file removes no file.
func (h *deafHost) Xpath_unlink_file(_, _, _ int32) int32 { return noSuchFile }

// Xfd_write swallows what the decoder prints and says that all was written.
func (h *deafHost) Xfd_write(_, vectors, count, written int32) int32 {
	total := uint32(0)
	for i := range count {
		total += le32((*h.linear.Slice())[vectors+8*i+4:])
	}
	h.put(written, total)
	return 0
}

// Xproc_exit ends the decoding; the panic becomes a refusal of the file.
func (h *deafHost) Xproc_exit(code int32) { panic(fmt.Errorf("%w: exit %d", errHEIC, code)) }

func (h *deafHost) put(at int32, v uint32) {
	m := (*h.linear.Slice())[at : at+4]
	m[0], m[1], m[2], m[3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
}
