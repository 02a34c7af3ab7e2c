package onboard

// mirror maps any coordinate into 0 to n-1 by reflection at the first and last
// pixel, neither of which is doubled.
func mirror(i, n int) int {
	if n == 1 {
		return 0
	}
	period := 2 * (n - 1)
	i = (i%period + period) % period
	return min(i, period-i)
}
