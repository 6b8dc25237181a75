/* The card that names an act before it begins. */
#ifndef CARD_H
#define CARD_H

void card_show(void);

#endif
