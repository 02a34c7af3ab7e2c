package picture

import (
	_ "unsafe" // for go:linkname

	"github.com/gen2brain/heic"
)

// Three places where the codecs give no door. Their versions are pinned, and
// TestCodecsStaySandboxed and TestHEICKeepsItsColours notice a change.

// The AVIF and WebP codecs open a library of the system at start where they find
// one, so that the same file would give different pixels on different machines,
// and hostile bytes would meet native code. They have no switch against it; these
// variables are the ones that the build tag nodynamic leaves false. That tag is
// still better: it keeps the libraries from being opened at all.

//go:linkname avifDynamic github.com/gen2brain/avif.dynamic
var avifDynamic bool

//go:linkname webpDynamic github.com/gen2brain/webp.dynamic
var webpDynamic bool

func init() { avifDynamic, webpDynamic = false, false }

// heifPlane is libheif's heif_image_get_plane_readonly: the address of a channel of
// an image, or 0. It writes the length of a row to the address stride.
//
//go:linkname heifPlane github.com/gen2brain/heic.(*Module).fn752
func heifPlane(m *heic.Module, image, channel, stride int32) int32
