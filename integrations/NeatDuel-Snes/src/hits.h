/* Who strikes whom. */

#ifndef HITS_H
#define HITS_H

void resolve_hits(void); /* of both fighters and projectiles, at once: two blows that meet both count */

#endif
