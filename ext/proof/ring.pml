/* The protocol of core/rt/ring.h under C++'s memory model, for spin. One producer, one consumer, a ring of CAPACITY.

   Memory: a load of the other side's index may give any value not older than what this side has seen already; the
   slots are plain memory. What one side did becomes known to the other only when a load with acquire reads what a
   store with release wrote: known_writes counts the slots whose contents the consumer may rely on, known_reads those
   whose reading the producer may rely on. A slot that is not known to be whole may give any of its words old or new,
   each word for itself; a store that is not a release may become visible before the slot's accesses that stand before
   it. A write that may meet a read is a data race, whatever the values.

   Checked: no race, nothing torn, everything that was not refused arrives once and in order, refusals are counted.
   -DHEAD_RELEASE=0 and so on take away one of the four orders; spin must then find what goes wrong. -DEARLY_HEAD=1
   publishes a slot before it is written, -DOVERFULL=1 takes a full ring for one with room. */

#ifndef CAPACITY
#define CAPACITY 2
#endif
#ifndef ITEMS
#define ITEMS 5
#endif
#ifndef HEAD_RELEASE /* push(): head_.store(release) */
#define HEAD_RELEASE 1
#endif
#ifndef HEAD_ACQUIRE /* pop(): head_.load(acquire) */
#define HEAD_ACQUIRE 1
#endif
#ifndef TAIL_RELEASE /* pop(): tail_.store(release) */
#define TAIL_RELEASE 1
#endif
#ifndef TAIL_ACQUIRE /* push(): tail_.load(acquire) */
#define TAIL_ACQUIRE 1
#endif
#ifndef EARLY_HEAD
#define EARLY_HEAD 0
#endif
#ifndef OVERFULL
#define OVERFULL 0
#endif

byte head = 0, tail = 0;         /* the newest values that were stored */
byte seen_head = 0, seen_tail = 0; /* by consumer, by producer */
byte known_writes = 0, known_reads = 0;
byte dropped = 0, received = 0;
byte next = 1; /* items count from 1; what arrives must not be older than this */
bool done = false;

/* Two words of each slot: newest and the one before, which a reader that knows nothing may still find. */
byte first[CAPACITY], first_before[CAPACITY];
byte second[CAPACITY], second_before[CAPACITY];
byte reading = 255; /* the slot that the consumer reads just now */

inline any_between(low, high, value) {
    value = low;
    do
    :: value < high -> value++
    :: break
    od
}

inline write_slot(index, item) {
    /* Whatever the consumer has read of this slot must have happened before. */
    assert(index < CAPACITY || index - CAPACITY < known_reads);
    assert(reading != index % CAPACITY);
    first_before[index % CAPACITY] = first[index % CAPACITY];
    first[index % CAPACITY] = item;
    second_before[index % CAPACITY] = second[index % CAPACITY];
    second[index % CAPACITY] = item
}

inline read_slot(index, one, two) {
    reading = index % CAPACITY;
    if
    :: known_writes > index -> one = first[index % CAPACITY]
    :: else -> if :: one = first[index % CAPACITY] :: one = first_before[index % CAPACITY] fi
    fi;
    if
    :: known_writes > index -> two = second[index % CAPACITY]
    :: else -> if :: two = second[index % CAPACITY] :: two = second_before[index % CAPACITY] fi
    fi;
    reading = 255
}

proctype producer() {
    byte item = 1, at, pushed = 0;
    do
    :: item <= ITEMS ->
        any_between(seen_tail, tail, at);
        seen_tail = at;
        if :: TAIL_ACQUIRE && TAIL_RELEASE -> known_reads = at :: else fi;
        if
        :: pushed - at >= CAPACITY + OVERFULL -> dropped++
        :: else ->
            if
            :: EARLY_HEAD || !HEAD_RELEASE -> /* the store of the index overtakes that of the slot */
                head = pushed + 1;
                write_slot(pushed, item)
            :: !EARLY_HEAD -> write_slot(pushed, item); head = pushed + 1
            fi;
            pushed++
        fi;
        item++
    :: else -> break
    od;
    done = true
}

inline pop() {
    one = 0; two = 0;
    if
    :: TAIL_RELEASE -> read_slot(popped, one, two); tail = popped + 1
    :: !TAIL_RELEASE -> /* the store of the index overtakes the reading of the slot */
        tail = popped + 1;
        read_slot(popped, one, two)
    fi;
    assert(one == two);  /* not torn */
    assert(one >= next); /* in order, none twice */
    next = one + 1;
    popped++;
    received++
}

proctype consumer() {
    byte at, one, two, popped = 0;
    do
    :: !done || popped != head ->
        /* Joining the producer's thread tells the newest index: what is left then must be there. */
        if :: done -> at = head :: else -> any_between(seen_head, head, at) fi;
        seen_head = at;
        if :: done || (HEAD_ACQUIRE && HEAD_RELEASE) -> known_writes = at :: else fi;
        if :: popped != at -> pop() :: else fi
    :: done && popped == head -> break
    od;
    assert(received + dropped == ITEMS)
}

init {
    atomic { run producer(); run consumer() }
}
