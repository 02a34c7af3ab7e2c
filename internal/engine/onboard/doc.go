package onboard
