// Package onboard enlarges and cleans pictures with neural networks on the
// machine's own processors: pure Go and a little generated assembly, no cgo, no
// download, the networks inside the binary.
//
// The networks are nagadomi's waifu2x models (MIT, see weights/LICENSE.*):
// upconv7 as engine.Fast and cunet as engine.Quality, each plain or with one of
// four levels of noise removal, and cunet without enlargement for three levels.
// tools/weights converts them; its documentation has the file format.
//
// # What each operation does
//
//   - Upscale by 2 runs one network; by 4 runs it and then the plain one; by 3 is
//     by 4, each tile reduced to three quarters with a Lanczos filter stretched
//     to cover the area. Strength 0, 1/4, 1/2, 3/4 and 1 are plain and noise
//     levels 0 to 3; Auto goes by the quality of the JPEG, plain if there is none.
//   - Restore removes the damage of JPEG compression, always with cunet. Strength
//     0 leaves the picture alone; 1/3, 2/3 and 1 are levels 1 to 3; anything
//     between is a mix.
//   - Denoise mixes the picture with cunet's answer for level 3, by Strength or,
//     for Auto, by an estimate of the noise. The network was made for compression
//     damage, not for the noise of a sensor: it gains 3 dB and more up to a
//     standard deviation of 10 of 255, but only 2 dB from 15 on, and takes fine
//     texture with it. Model is not looked at by Restore and Denoise.
//
// # How
//
// A picture is cut into tiles that overlap by the network's whole context and
// computed one after the other, each by all threads. Jobs take turns tile by
// tile. Pixels are read and written at 8 or 16 bits, as the picture has them, and
// computed as float32. Where some are transparent, visible colours are carried
// under the transparent ones first, and the transparency is enlarged by the fast
// network as a grey picture, exact where it is flat. At its edges a picture is
// reflected. Grey pictures get the same lightness in all three channels.
//
// The quality network weighs channels by their means over the whole picture.
// Tiles with means of their own differ by up to 24 of 255 from the picture
// computed whole (measured on six photographs); with one survey for all (see
// survey.go) they differ from one another not at all, and from the whole by at
// most 2, mean below 0.04.
//
// Convolutions of 3 by 3 are computed by Winograd's F(4x4, 3x3): a quarter of the
// products, for transforms before and after (see winograd.go). Each thread keeps
// less than a megabyte for them beside the tile's own memory.
//
// # Invariants
//
//   - Every network agrees with an independent double-precision computation from
//     the original weights to 2e-5, on every kind of kernel
//     (TestEveryNetworkAgreesWithTheReference).
//   - Kernels compute what their definition says for any shape and touch nothing
//     around it (TestKernelsAgreeWithPlainArithmetic,
//     TestTransformsAgreeWithTheScalarOnes); those that fuse multiply and add give
//     the same bits (TestSIMDKindsGiveTheSameBits), with any number of threads
//     (TestBlocksMeetInFieldsOfAnySize).
//   - No seam: the size of the tiles changes rounding alone, no number by more than
//     1 of 65535 (TestTileSizesDifferByRoundingAlone), and tiling hardly anything
//     (TestTiledAndWholeAgree). Not the same bits: blocks of 4 by 4 pixels are
//     computed together, and where a tile ends they begin elsewhere.
//   - Working memory does not depend on the picture
//     (TestWorkingMemoryHoldsWhateverThePicture, TestSurveyKeepsWithinItsMemory)
//     and is given back (TestMemoryIsGivenBack).
//   - A cancelled job ends within a second even inside a tile
//     (TestCancellationIsQuickInsideATile); jobs advance in turn
//     (TestJobsAdvanceInTurn).
//   - A network's file with one bit changed is refused (TestDamagedFileIsRefused).
//   - The contract of engine.Engine (TestOnboardKeepsTheContract).
//
// It does not decode or encode files, estimate JPEG qualities, convert colour
// profiles or limit sizes (picture and lab do). Kernels in assembly exist for
// amd64 with AVX2 or AVX-512; elsewhere plain Go does the same some twenty times
// slower.
package onboard
