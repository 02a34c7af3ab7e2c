package picture

// shaper converts by what most profiles of cameras and screens are: a curve for
// each channel and a matrix.
type shaper struct {
	size  int          // bytes of a pixel
	light [3][]float32 // linear light of each code
	mix   [3][3]float32
	codes []uint16 // sRGB code of linear light, in steps of 1/lightSteps
}

const lightSteps = 1 << 16

// fromD50 takes CIE XYZ relative to D50, as profiles have it, to linear sRGB.
var fromD50 = [3][3]float64{
	{3.1341359, -1.6173863, -0.4906619},
	{-0.9787955, 1.9162543, 0.0334427},
	{0.0719553, -0.2289769, 1.4053860},
}

// newShaper reads the curves and the matrix of a profile for pixels of 4 bytes or of
// 8. A profile with a lookup table of its own is better served by that.
func newShaper(profile []byte, size int) (*shaper, error) {
	if iccTag(profile, "A2B0") != nil || iccTag(profile, "A2B1") != nil || string(profile[20:24]) != "XYZ " {
		return nil, errNoCurve
	}
	m := &shaper{size: size}
	steps := 256
	if size == 8 {
		steps = 65_536
	}
	for c, name := range []string{"r", "g", "b"} {
		curve, err := toneCurve(profile, name+"TRC")
		if err != nil {
			return nil, err
		}
		colorant := iccTag(profile, name+"XYZ")
		if len(colorant) < 20 {
			return nil, errNoCurve
		}
		m.light[c] = make([]float32, steps)
		for i := range m.light[c] {
			m.light[c][i] = float32(min(max(curve(float64(i)/float64(steps-1)), 0), 1))
		}
		for row := range 3 {
			for k := range 3 {
				m.mix[row][c] += float32(fromD50[row][k] * float64(int32(be32(colorant[8+4*k:]))) / 65536)
			}
		}
	}
	m.encode(float64(steps - 1))
	return m, nil
}

func (m *shaper) encode(top float64) {
	m.codes = make([]uint16, lightSteps+1)
	for i := range m.codes {
		m.codes[i] = uint16(encodeSRGB(float64(i)/lightSteps)*top + 0.5)
	}
}

// row converts pixels in place; alpha stays.
func (m *shaper) row(pix []byte) {
	wide := m.size / 4
	for ; len(pix) >= m.size; pix = pix[m.size:] {
		var in [3]float32
		for c := range in {
			if wide == 1 {
				in[c] = m.light[c][pix[c]]
			} else {
				in[c] = m.light[c][be16(pix[2*c:])]
			}
		}
		for c := range in {
			v := m.mix[c][0]*in[0] + m.mix[c][1]*in[1] + m.mix[c][2]*in[2]
			code := m.codes[int(min(max(v, 0), 1)*lightSteps+0.5)]
			if wide == 1 {
				pix[c] = byte(code)
			} else {
				pix[2*c], pix[2*c+1] = byte(code>>8), byte(code)
			}
		}
	}
}

// isSRGB reports whether no channel of a coarse sample moves by more than one step
// of 255.
func (m *shaper) isSRGB() bool {
	if m.size == 8 {
		return false // the exact way is harmless, and finer than the question
	}
	for r := 0; r < 256; r += 51 {
		for g := 0; g < 256; g += 51 {
			for b := 0; b < 256; b += 51 {
				p := []byte{byte(r), byte(g), byte(b), 255}
				m.row(p)
				if far(p[0], r) || far(p[1], g) || far(p[2], b) {
					return false
				}
			}
		}
	}
	return true
}

func far(v byte, want int) bool { return int(v)-want > 1 || want-int(v) > 1 }
