'use strict'

// Express and a proxy, without looking at tokens.

const express = require('express')

const { serve } = require('./proxy')

serve(express().disable('x-powered-by'))
