;; Functions for the tests. Strings: arguments are (address, length), results (address << 32 | length).
(module
  (import "streamsql" "null" (func $null))
  (import "streamsql" "error" (func $error (param i32 i32)))
  (memory (export "memory") 1 4096)
  (global $top (mut i32) (i32.const 4096))
  (data (i32.const 16) "negative input")

  ;; alloc: a bump allocator that asks for more memory, 0 where there is none
  (func (export "alloc") (param $n i32) (result i32) (local $p i32)
    global.get $top  local.set $p
    global.get $top  local.get $n  i32.add  i32.const 7  i32.add  i32.const -8  i32.and  global.set $top
    global.get $top  memory.size  i32.const 65536  i32.mul  i32.gt_u
    if
      global.get $top  i32.const 65535  i32.add  i32.const 65536  i32.div_u  memory.size  i32.sub  memory.grow
      i32.const -1  i32.eq
      if  i32.const 0  return  end
    end
    local.get $p)

  (func (export "gcd") (param $a i64) (param $b i64) (result i64) (local $t i64)
    block
      loop
        local.get $b  i64.eqz  br_if 1
        local.get $b  local.set $t
        local.get $a  local.get $b  i64.rem_s  local.set $b
        local.get $t  local.set $a
        br 0
      end
    end
    local.get $a)

  (func (export "half") (param $a f64) (result f64)  local.get $a  f64.const 0.5  f64.mul)
  (func (export "half4") (param $a f32) (result f32)  local.get $a  f32.const 0.5  f32.mul)
  (func (export "is_even") (param $a i32) (result i32)  local.get $a  i32.const 1  i32.and  i32.eqz)
  (func (export "big") (param $a i32) (result i32)  i32.const 100000)
  (func (export "div") (param $a i32) (param $b i32) (result i32)  local.get $a  local.get $b  i32.div_s)
  (func (export "positive") (param $a i32) (result i32)
    local.get $a  i32.eqz
    if  call $null  end
    local.get $a  i32.const 0  i32.lt_s
    if  i32.const 16  i32.const 14  call $error  end
    local.get $a)

  ;; square, and square_batch with columns
  (func (export "square") (param $a i64) (result i64)  unreachable)
  (func (export "square_batch") (param $n i32) (param $in i32) (param $out i32) (local $v i64)
    block
      loop
        local.get $n  i32.eqz  br_if 1
        local.get $in  i64.load  local.tee $v  local.get $v  i64.mul  local.set $v
        local.get $out  local.get $v  i64.store
        local.get $in  i32.const 8  i32.add  local.set $in
        local.get $out  i32.const 8  i32.add  local.set $out
        local.get $n  i32.const 1  i32.sub  local.set $n
        br 0
      end
    end)

  ;; upper-case ASCII, in place
  (func (export "shout") (param $p i32) (param $n i32) (result i64) (local $i i32) (local $c i32)
    block
      loop
        local.get $i  local.get $n  i32.ge_u  br_if 1
        local.get $p  local.get $i  i32.add  i32.load8_u  local.set $c
        local.get $c  i32.const 97  i32.sub  i32.const 26  i32.lt_u
        if
          local.get $p  local.get $i  i32.add  local.get $c  i32.const 32  i32.sub  i32.store8
        end
        local.get $i  i32.const 1  i32.add  local.set $i
        br 0
      end
    end
    local.get $p  i64.extend_i32_u  i64.const 32  i64.shl  local.get $n  i64.extend_i32_u  i64.or)
  (func (export "byte_count") (param $p i32) (param $n i32) (param $m i32) (result i32)  local.get $n  local.get $m  i32.mul)
  (func (export "not_text") (param $a i32) (result i64)
    i32.const 0  i32.const 255  i32.store8  i64.const 1)
  (func (export "outside") (param $a i32) (result i64)  i64.const -1)

  (func (export "trap") (param $a i32) (result i32)  unreachable)
  (func (export "forever") (param $a i32) (result i32)  loop  br 0  end  unreachable)
  (func $deep (export "recurse") (param $a i32) (result i32)  local.get $a  call $deep  i32.const 1  i32.add)
  (func (export "eat") (param $a i32) (result i32)
    loop
      i32.const 16  memory.grow  i32.const -1  i32.ne  br_if 0
    end
    unreachable)

  ;; a sum of products as an aggregate: the state is one i64
  (func $state (param $v i64) (result i64)
    i32.const 8  local.get $v  i64.store  i64.const 34359738376)
  (func (export "dot_init") (result i64)  i64.const 0  call $state)
  (func (export "dot_accumulate") (param $s i32) (param $l i32) (param $a i64) (param $b i64) (result i64)
    local.get $s  i64.load  local.get $a  local.get $b  i64.mul  i64.add  call $state)
  (func (export "dot_retract") (param $s i32) (param $l i32) (param $a i64) (param $b i64) (result i64)
    local.get $s  i64.load  local.get $a  local.get $b  i64.mul  i64.sub  call $state)
  (func (export "dot_merge") (param $s i32) (param $l i32) (param $t i32) (param $m i32) (result i64)
    local.get $s  i64.load  local.get $t  i64.load  i64.add  call $state)
  (func (export "dot_finish") (param $s i32) (param $l i32) (result i64)  local.get $s  i64.load)

  ;; the longest text: no init (the state is empty), no retract
  (func $same (param $s i32) (param $l i32) (result i64)
    local.get $s  i64.extend_i32_u  i64.const 32  i64.shl  local.get $l  i64.extend_i32_u  i64.or)
  (func $longer (export "longest_merge") (export "longest_accumulate") (param $s i32) (param $l i32) (param $t i32) (param $m i32) (result i64)
    local.get $m  local.get $l  i32.gt_u
    if  local.get $t  local.get $m  call $same  return  end
    local.get $s  local.get $l  call $same)
  (func (export "longest_finish") (param $s i32) (param $l i32) (result i64)
    local.get $l  i32.eqz
    if  call $null  end
    local.get $s  local.get $l  call $same)
)
