/** Writes single bits, the highest first, as picture and film formats want them. */
export class Bits {
    #bytes = [];
    #current = 0;
    #count = 0;

    put(value, length) {
        for (let at = length - 1; at >= 0; at--) {
            this.#current = (this.#current << 1) | ((value >> at) & 1);
            if (++this.#count === 8) this.#emit();
        }
        return this;
    }

    /** Whole bytes, where the last one is complete. */
    bytes(values) {
        for (const value of values) this.#bytes.push(value);
        return this;
    }

    /** Fills the last byte with this bit. */
    align(bit = 0) {
        while (this.#count) this.put(bit, 1);
        return this;
    }

    #emit() {
        this.#bytes.push(this.#current);
        this.#current = this.#count = 0;
    }

    get done() {
        return Buffer.from(this.#bytes);
    }
}
