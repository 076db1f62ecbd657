package main

import (
	"gobot.io/x/gobot/v2"
	"gobot.io/x/gobot/v2/drivers/gpio"
)

// Where the servo turns the bolt, in degrees.
const (
	open   = 160
	closed = 20
)

// newManager is one robot with commands in all three places of Gobot's API: on a device, on the robot, on everything.
func newManager(a adaptor, told *teller) *gobot.Manager {
	bolt := newServo(a, told)
	led := gpio.NewLedDriver(a, "13", gpio.WithName("led"))
	told.commands("led", led)

	robot := gobot.NewRobot("front door", []gobot.Connection{a}, []gobot.Device{bolt, led})
	robot.AddCommand("unlock", bolt.command(open))
	robot.AddCommand("lock", bolt.command(closed))
	told.commands("robot", robot)

	manager := gobot.NewManager()
	manager.AddCommand("lock", bolt.command(closed))
	told.commands("manager", manager)
	manager.AddRobot(robot)
	return manager
}

// servo is Gobot's servo that publishes "moved" when it was.
type servo struct {
	*gpio.ServoDriver
	gobot.Eventer
}

// newServo is a servo on pin 9.
func newServo(a adaptor, told *teller) *servo {
	s := &servo{gpio.NewServoDriver(a, "9", gpio.WithName("servo")), gobot.NewEventer()}
	s.AddEvent("moved")
	for name, command := range s.Commands() {
		s.AddCommand(name, func(params map[string]any) any {
			result := command(params)
			s.Publish("moved", s.Angle())
			return result
		})
	}
	told.commands("servo", s)
	return s
}

// command moves to an angle and answers with an error, or with nothing.
func (s *servo) command(degrees uint8) func(map[string]any) any {
	return func(map[string]any) any {
		err := s.Move(degrees)
		s.Publish("moved", s.Angle())
		return err
	}
}
