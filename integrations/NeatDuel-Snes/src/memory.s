; Where the variables of memory.h are. They are symbols and not casts of numbers in C, because cc65 2.18 drops the
; second load of such a pointer where a branch may have skipped the first one.

.export _player_one, _player_two, _rounds_won_two, _rounds_won_one, _timer
.export _projectile_x, _incoming, _difficulty, _mode, _scene, _round_number, _ticks, _random_bits

_player_one     = $0500
_player_two     = $0700
_rounds_won_two = $189B
_rounds_won_one = $189C
_timer          = $18F3
_projectile_x   = $1A00
_incoming       = $1A02
_difficulty     = $1A10
_mode           = $1A11
_scene          = $1A12
_round_number   = $1A13
_ticks          = $1A16
_random_bits    = $1A18
